"""What a request asks the page cache for, told from the WSGI environ alone."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils.translation import get_language_from_request

from magazine.public_pages import PERSONAL_COOKIE_PREFIX, PERSONAL_COOKIES

Environ = dict[str, Any]

# Added by who links here, for scripts in the browser; no page of ours depends on them.
TRACKING = re.compile(
    r"(?:utm_\w*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|igsh|igshid|mc_cid|mc_eid|mkt_tok|_hsenc|_hsmi)(?:=|\Z)"
)
MAX_QUERY = 256
MAX_RAW_QUERY = 4096
MAX_PATH = 1024
MAX_HEADER = 4096
MAX_LANGUAGES = 256
# By these a client says that another header is percent-encoded; htmx never does so for the headers that matter here.
ENCODED_HEADERS = ("HTTP_HX_REQUEST_URI_AUTOENCODED", "HTTP_HX_HISTORY_RESTORE_REQUEST_URI_AUTOENCODED")
# Anywhere in the header: at worst a foreign cookie is taken for one of ours, and the page is rendered.
PERSONAL = re.compile("|".join(re.escape(name) for name in (*PERSONAL_COOKIES, PERSONAL_COOKIE_PREFIX)))


class Key(NamedTuple):
    """All that a public answer may depend on."""

    host: str
    is_secure: bool
    path: str
    query: str
    language: str
    fragment: str


def key_of(environ: Environ) -> Key | None:
    """Return what a request asks for; None for one that the cache keeps out of.

    Whatever is cut or read differently here than by Django would let one request choose what another gets: such requests are kept out.
    """
    cookies, languages = environ.get("HTTP_COOKIE", ""), environ.get("HTTP_ACCEPT_LANGUAGE", "")
    if not _asks_as_anybody(environ, cookies) or len(languages) > MAX_LANGUAGES:
        return None
    host, path = environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", "")
    query = plain_query(environ.get("QUERY_STRING", ""))
    if not host or host != host.lower() or query is None or len(path) > MAX_PATH or environ.get("SCRIPT_NAME"):
        return None
    language = language_of(cookies if settings.LANGUAGE_COOKIE_NAME in cookies else "", languages)
    return Key(host, is_secure(environ), path, query, language, fragment_of(environ))


def _asks_as_anybody(environ: Environ, cookies: str) -> bool:
    """Say whether nothing in a request tells who asks."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
        return False
    if cookies and (len(cookies) > MAX_HEADER or PERSONAL.search(cookies)):
        return False
    return "HTTP_HX_REQUEST" not in environ or not any(name in environ for name in ENCODED_HEADERS)


def plain_query(query: str) -> str | None:
    """Return a query without tracking parameters; None for one that is too long to keep."""
    if not query:
        return query
    if len(query) > MAX_RAW_QUERY:
        return None
    plain = "&".join(part for part in query.split("&") if part and not TRACKING.match(part))
    return plain if len(plain) <= MAX_QUERY else None


def is_secure(environ: Environ) -> bool:
    """Say whether a request came over TLS, as Django sees it."""
    if settings.SECURE_PROXY_SSL_HEADER:
        header, secure = settings.SECURE_PROXY_SSL_HEADER
        if (value := environ.get(header)) is not None:
            return bool(value.split(",", 1)[0].strip() == secure)
    return bool(environ.get("wsgi.url_scheme") == "https")


def fragment_of(environ: Environ) -> str:
    """Return which part of a page htmx asks for; empty for the whole."""
    if environ.get("HTTP_HX_REQUEST") != "true":
        return ""
    return "restored" if environ.get("HTTP_HX_HISTORY_RESTORE_REQUEST") == "true" else "fragment"


@lru_cache(maxsize=512)
def language_of(cookies: str, accept_language: str) -> str:
    """Return the language that Django renders a page in."""
    request = HttpRequest()
    request.COOKIES = parse_cookie(cookies)
    request.META["HTTP_ACCEPT_LANGUAGE"] = accept_language
    return get_language_from_request(request)
