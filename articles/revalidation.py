"""Answer programs that ask again with 304 as long as nothing has changed."""

import hashlib
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from magazine.public_pages import MAX_AGE_SECONDS, STALE_SECONDS

CACHE_CONTROL = f"public, max-age={MAX_AGE_SECONDS}, s-maxage={MAX_AGE_SECONDS}, stale-while-revalidate={STALE_SECONDS}"


def revalidated(request: HttpRequest, content: bytes, content_type: str, *, changed_at: datetime | None = None) -> HttpResponse:
    """Return content that is the same for everybody, whoever asks, or 304 for who has it already."""
    response = HttpResponse(content, content_type=content_type)
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    modified = int(changed_at.timestamp()) if changed_at is not None else None
    if modified is not None:
        response.headers["Last-Modified"] = http_date(modified)
    return get_conditional_response(request, etag=etag, last_modified=modified, response=response) or response
