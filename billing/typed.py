"""Keep what somebody typed before they pay, across the sign-in and the way to Stripe: in their session, never in an address."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

KEY = "giving"


def keep_typed(request: HttpRequest, name: str) -> None:
    """Remember what was posted to a form."""
    typed = {field: value for field, value in request.POST.items() if field != "csrfmiddlewaretoken"}
    request.session[KEY] = {**request.session.get(KEY, {}), name: typed}
    # The middleware saves nothing when the answer is a fault, which is when it is needed most.
    request.session.save()


def typed_before(request: HttpRequest, name: str) -> dict[str, Any] | None:
    """Return what was typed into a form; without a session cookie the session isn't even opened."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    found: dict[str, Any] | None = request.session.get(KEY, {}).get(name)
    return found


def forget_typed(request: HttpRequest, name: str) -> None:
    """Forget what was typed, once it is bought."""
    kept = request.session.get(KEY, {})
    if kept.pop(name, None) is not None:
        request.session[KEY] = kept
