"""Follow a gift link, and the giver's page of them."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from articles import gifts
from articles.models import Article, GiftLink
from articles.models.gifts import GIFT_DAYS
from billing.entitlements import lowest_price
from magazine.addresses import whole_address

NEW_GIFT = "new_gift"
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@csrf_exempt  # Who makes another open a gift must hold it, and gives it away. Without a referrer browsers tell no origin.
@require_http_methods(["GET", "HEAD", "POST"])
def gift(request: HttpRequest, token: str) -> HttpResponse:
    """Say what is given and by whom; a POST, which no preview of the link sends, opens it in this browser."""
    found = GiftLink.objects.of_token(token).select_related("giver", "article__section").first()
    if found is None or not found.article.is_published:
        response = _closed(request, None, status=404)
    elif found.is_in_force and found.pk in gifts.opened_in(request):
        response = redirect(found.article)
    elif found.state != GiftLink.State.OPEN:
        response = _closed(request, found, status=410)
    elif request.method != "POST":
        response = render(request, "articles/gift.html", {"gift": found, "article": found.article})
    elif gifts.open_gift(found):
        response = HttpResponseRedirect(found.article.get_absolute_url(), status=303)
        gifts.keep_opened(request, response, found)
    else:
        found.refresh_from_db()
        response = _closed(request, found, status=410)
    for name, value in PRIVATE.items():
        response.headers[name] = value
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def given(request: HttpRequest) -> HttpResponse:
    """List what the reader gave away and make a new link, which is shown once."""
    user = cast(User, request.user)
    slug = request.POST.get("article") or request.GET.get("article")
    article = get_object_or_404(Article.objects.published(), slug=slug) if slug else None
    if request.method == "POST" and article is not None:
        try:
            made, token = gifts.make_gift(user, article)
        except gifts.GiftRefused:
            messages.error(request, _("This can’t be given away now. Look below how many gifts you have left."))
        else:
            request.session[NEW_GIFT] = {"pk": made.pk, "url": whole_address("articles:gift", token)}
        return redirect("articles:gifts")
    new = request.session.pop(NEW_GIFT, None) if request.method == "GET" else None
    context = {
        "gifts": GiftLink.objects.filter(giver=user).select_related("article")[:100],
        "new": new,
        "article": article if article is not None and gifts.can_be_given(article) and gifts.may_give_this(user, article) else None,
        "may_give": gifts.may_give(user),
        "left": gifts.gifts_left(user),
        "days": GIFT_DAYS,
    }
    return render(request, "articles/gifts.html", context)


@require_POST
@never_cache
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a gift back."""
    gifts.revoke_gift(get_object_or_404(GiftLink, pk=pk, giver=cast(User, request.user)))
    messages.success(request, _("The link opens nothing any more."))
    return redirect("articles:gifts")


def _closed(request: HttpRequest, found: GiftLink | None, *, status: int) -> HttpResponse:
    context = {"gift": found, "article": found.article if found else None, "price": lowest_price()}
    return render(request, "articles/gift_closed.html", context, status=status)
