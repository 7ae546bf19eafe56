"""The button that saves an article, and the list of what was saved."""

import re
from typing import cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from articles import saving
from articles.models import Article
from magazine.public_pages import require_same_origin, signed_in_user

PLACE = re.compile(r"[1-9][0-9]{0,17}")


@require_POST
@require_same_origin
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Put an article on the reader's list or take it off; who isn't signed in does so first, and then it is saved."""
    article = get_object_or_404(Article.objects.published().in_the_flow(), slug=slug)
    user = signed_in_user(request)
    if user is None:
        request.session[saving.WISH] = article.pk
        return _elsewhere(request, redirect_to_login(article.get_absolute_url()))
    is_wanted = request.POST.get("wish") != "forget"
    (saving.save_article if is_wanted else saving.forget_article)(user, article)
    if _is_fragment(request):
        article.is_saved = is_wanted  # type: ignore[attr-defined] # what the button asks
        return render(request, "articles/_save.html", {"article": article})
    return HttpResponseRedirect(article.get_absolute_url(), status=303)


@require_safe
@never_cache
@login_required
def saved(request: HttpRequest) -> HttpResponse:
    """List what the reader saved."""
    before = request.GET.get("before")
    if before is not None and not PLACE.fullmatch(before):
        raise Http404
    page = saving.saved_page(cast(User, request.user), before=int(before) if before else None)
    return render(request, "articles/saved.html", {"page": page, "is_first_page": before is None})


def _is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _elsewhere(request: HttpRequest, response: HttpResponseRedirect) -> HttpResponse:
    """Lead a reader to another page; for htmx by a header, because it would put that page in the button's place."""
    return HttpResponse(status=204, headers={"HX-Redirect": response.url}) if _is_fragment(request) else response
