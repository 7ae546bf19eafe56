"""The language of the site's own words, remembered in a cookie that page caches are keyed on."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language_info

FOREVER_SECONDS = 365 * 24 * 3600


def keep_language(response: HttpResponse, code: str) -> None:
    """Have a browser remember a language; empty for what it asks for by itself. What isn't spoken here is left alone."""
    if not code:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    elif code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=FOREVER_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def name_of(code: str) -> str:
    """Return the name of a language in itself; empty for none."""
    return str(get_language_info(code)["name_local"]) if code in dict(settings.LANGUAGES) else ""
