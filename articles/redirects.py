"""Answer old addresses with 301."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect


class RedirectMiddleware:
    """Look an address up among the redirects when nothing else answered it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 301 where an old address leads somewhere."""
        response = self.get_response(request)
        if response.status_code != 404:
            return response
        target = redirect_target(request.get_full_path())
        return HttpResponsePermanentRedirect(target) if target else response


def redirect_target(path: str) -> str | None:
    """Return where an old path leads: to a published article, or to another address of the site."""
    from articles.models import Redirect

    found = Redirect.objects.filter(old_path=path[:500]).select_related("article").first()
    if found is None:
        return None
    if found.article is None:
        return found.new_path
    return found.article.get_absolute_url() if found.article.is_published else None
