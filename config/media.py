"""Serve uploaded files where no web server or bucket does: on a small server and in development."""

import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils._os import safe_join
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

# Every upload has a name of its own, so its content never changes.
CACHE = "public, max-age=31536000, immutable"
# What a browser may show on its own. SVG and HTML can hold script, so they are only ever downloaded.
INLINE_TYPES = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/x-m4a", "video/mp4"}
)
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
CHUNK_BYTES = 64 * 1024


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse | FileResponse | StreamingHttpResponse:
    """Serve one uploaded file, whole or in part."""
    file = _find(path)
    has_twin, file = _lighter(request, file)
    status = file.stat()
    content_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    since = request.headers.get("If-Modified-Since")
    if since is not None and (parse_http_date_safe(since) or 0) >= int(status.st_mtime):
        response: HttpResponse | FileResponse | StreamingHttpResponse = HttpResponse(status=304)
    else:
        response = _part(request, file, status.st_size)
        response.headers["Content-Type"] = content_type
        response.headers["Content-Disposition"] = "inline" if content_type in INLINE_TYPES else "attachment"
        response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = CACHE
    if has_twin:
        patch_vary_headers(response, ["Accept"])
    response.headers["Last-Modified"] = http_date(status.st_mtime)
    response.headers["X-Content-Type-Options"] = "nosniff"
    # An upload that is opened as a page of its own can do nothing here.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _find(path: str) -> Path:
    """Return a file below the folder of uploads. Raises Http404 for anything else."""
    try:
        file = Path(safe_join(settings.MEDIA_ROOT, path))
    except (SuspiciousFileOperation, ValueError) as error:
        raise Http404 from error
    if not file.is_file() or any(part.startswith(".") for part in path.split("/")):
        raise Http404
    return file


def _lighter(request: HttpRequest, file: Path) -> tuple[bool, Path]:
    """Say whether a rendition has an AVIF beside it, and return that to whoever reads it."""
    twin = file.with_name(f"{file.name}.avif")
    if file.suffix != ".webp" or not twin.is_file():
        return False, file
    return True, twin if "image/avif" in request.headers.get("Accept", "") else file


def _part(request: HttpRequest, file: Path, size: int) -> HttpResponse | FileResponse | StreamingHttpResponse:
    """Return the file, the part of it that was asked for, or 416."""
    match = RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or match.groups() == ("", "") or "If-Range" in request.headers:
        return FileResponse(file.open("rb"))
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end or start >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    opened = file.open("rb")
    opened.seek(start)
    length = end - start + 1
    headers = {"Content-Range": f"bytes {start}-{end}/{size}", "Content-Length": str(length)}
    response = StreamingHttpResponse(_chunks(opened, length), status=206, headers=headers)
    # The server closes the file with the response, also when the reader goes away.
    response._resource_closers.append(opened.close)  # type: ignore[attr-defined]
    return response


def _chunks(opened: IO[bytes], length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := opened.read(min(CHUNK_BYTES, length))):
        length -= len(chunk)
        yield chunk
