"""Files of articles."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from articles.access import Reader, decide
from articles.models import File

SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "X-Robots-Tag": "noindex"}


@require_safe
def file(request: HttpRequest, key: UUID, name: str) -> HttpResponse | FileResponse:
    """Give a file to whoever may read the whole of its article; everybody else is led to the article, which says how."""
    found = get_object_or_404(File.objects.select_related("article__section"), key=key)
    article = found.article
    if found.name != name or not article.is_published:
        raise Http404
    if not decide(article, Reader.of(request)).is_full:
        response: HttpResponse | FileResponse = HttpResponseRedirect(article.get_absolute_url())
    else:
        response = FileResponse(found.file.open("rb"), as_attachment=True, filename=name, headers=SAFE)
    # Of a free article, too: it may turn premium, and a copy in a cache would not know.
    response.headers["Cache-Control"] = "private, no-store"
    return response
