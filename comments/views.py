"""The thread under an article, and new comments."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.models import Article
from comments.forms import CommentForm
from comments.models import Comment, CommentSettings
from comments.posting import post_comment
from comments.rates import is_too_fast
from comments.threads import read_page, read_thread
from comments.tokens import make_token
from magazine.public_pages import public_page, require_same_origin, signed_in_user

HELD_SALT = "comments.held"


@require_http_methods(["GET", "HEAD", "POST"])
@require_same_origin
@public_page
def thread(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the comments on an article, and take a new one in; a form that failed comes back with its text."""
    article = get_object_or_404(Article.objects.published().in_the_flow().for_cards(), slug=slug)
    user = signed_in_user(request)
    if request.method != "POST":
        initial = {"token": make_token(article), "parent": number(request, "reply")}
        return show_thread(request, article, CommentForm(article=article, user=user, initial=initial))
    form = CommentForm(request.POST, article=article, user=user)
    if not CommentSettings.load().is_open:
        return show_thread(request, article, form, status=403)
    is_valid, is_late = form.is_valid(), False
    if is_valid and is_too_fast(request, user):
        form.add_error(None, _("That was fast. Your text is still here: please send it again in a minute."))
        is_valid, is_late = False, True
    if not is_valid:
        # With a fresh token, because the old one may be why it failed.
        form.data = {**request.POST.dict(), "token": make_token(article)}
        return show_thread(request, article, form, status=429 if is_late else 422)
    comment = post_comment(form)
    if comment.is_published:
        return HttpResponseRedirect(comment.get_absolute_url(), status=303)
    key = signing.dumps(comment.pk, salt=HELD_SALT)
    return HttpResponseRedirect(f"{reverse('comments:thread', args=[slug])}?held={key}#c{comment.pk}", status=303)


def show_thread(request: HttpRequest, article: Article, form: CommentForm, *, status: int = 200) -> HttpResponse:
    """Render the page or, for htmx, only the thread; what is held is shown to whoever has its address, and kept by no cache."""
    held = held_comment(request, article)
    root, answered = number(request, "thread") or number(request, "floor"), number(request, "reply")
    page = read_thread(article, root) if root else read_page(article, after=number(request, "after") or 0)
    if page is None:
        raise Http404
    context = {
        "article": article,
        "page": page,
        "form": form,
        "held": held,
        "comment_settings": CommentSettings.load(),
        "answered": Comment.objects.published().on(article).filter(pk=answered).first() if answered else None,
    }
    template = "comments/_thread.html" if getattr(request, "htmx", False) else "comments/thread.html"
    response = render(request, template, context, status=status)
    if held:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def number(request: HttpRequest, name: str) -> int | None:
    """Return a positive number from the query, if it is one a database can hold."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def held_comment(request: HttpRequest, article: Article) -> Comment | None:
    """Return the comment that whoever has this address just posted, while it waits."""
    try:
        pk = signing.loads(request.GET.get("held", ""), salt=HELD_SALT, max_age=24 * 3600)
    except signing.BadSignature:
        return None
    return Comment.objects.held().on(article).filter(pk=pk).first()
