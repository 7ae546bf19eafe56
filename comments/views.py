"""The thread under an article, and new comments."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View

from articles.models import Article
from comments.forms import CommentForm
from comments.models import Comment, CommentSettings
from comments.posting import post_comment
from comments.threads import read_page, read_thread
from comments.tokens import make_token
from magazine.public_pages import public_page, require_same_origin, signed_in_user

HELD_SALT = "comments.held"


@method_decorator(require_same_origin, name="dispatch")
class ThreadView(View):
    """The comments on an article."""

    @method_decorator(public_page)
    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the thread: a page of it, or one thread whole; to whoever just posted, also what is held."""
        article = commentable_or_404(slug)
        return self.show(request, article, CommentForm(article=article, user=signed_in_user(request), initial={"token": make_token(article), "parent": number(request, "reply")}))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Take a new comment in; show the form with its text again where something is missing."""
        article = commentable_or_404(slug)
        form = CommentForm(request.POST, article=article, user=signed_in_user(request))
        if not CommentSettings.load().is_open:
            return self.show(request, article, form, status=403)
        if not form.is_valid():
            form.data = form.data.copy()  # type: ignore[assignment]
            form.data["token"] = make_token(article)  # type: ignore[index]
            return self.show(request, article, form, status=422)
        comment = post_comment(form)
        address = reverse("comments:thread", args=[slug])
        if comment.is_published:
            return HttpResponseRedirect(comment.get_absolute_url(), status=303)
        return HttpResponseRedirect(f"{address}?held={signing.dumps(comment.pk, salt=HELD_SALT)}#c{comment.pk}", status=303)

    def show(self, request: HttpRequest, article: Article, form: CommentForm, *, status: int = 200) -> HttpResponse:
        """Render the page, or only the thread for htmx."""
        held = held_comment(request, article)
        root = number(request, "thread") or number(request, "floor")
        page = read_thread(article, root) if root else read_page(article, after=number(request, "after") or 0)
        if page is None:
            raise Http404
        context = {
            "article": article,
            "page": page,
            "form": form,
            "held": held,
            "comment_settings": CommentSettings.load(),
            "answered": Comment.objects.published().on(article).filter(pk=number(request, "reply")).first() if number(request, "reply") else None,
        }
        template = "comments/_thread.html" if getattr(request, "htmx", False) else "comments/thread.html"
        response = render(request, template, context, status=status)
        if held:
            response.headers["Cache-Control"] = "private, no-store"
        return response


def commentable_or_404(slug: str) -> Article:
    """Return a published article that is no page."""
    return get_object_or_404(Article.objects.published().in_the_flow().for_cards(), slug=slug)


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
