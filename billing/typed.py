"""Keep what somebody typed before they pay, across the sign-in and the way to Stripe: in their session, never in an address."""

from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest

KEY = "giving"
# Longer than any field of these forms may be.
LONGEST = 2000


def keep_typed(request: HttpRequest, name: str, form: Form) -> None:
    """Remember what was posted to a form; only its fields, and no more than fits them: anybody can send anything before they sign in."""
    typed = {field: request.POST[field][:LONGEST] for field in form.fields if field in request.POST}
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
