"""Signed tokens in the addresses of mails."""

from django.core import signing

from newsletters.models import Signup

CONFIRM_SALT = "newsletters.confirm"
MANAGE_SALT = "newsletters.manage"
CONFIRM_MAX_AGE_SECONDS = 7 * 24 * 3600


def confirm_token(signup: Signup) -> str:
    """Return a token that confirms a sign-up within a week."""
    return signing.dumps(signup.key, salt=CONFIRM_SALT)


def manage_token(signup: Signup) -> str:
    """Return a token that changes or ends a sign-up, for as long as it exists."""
    return signing.dumps(signup.key, salt=MANAGE_SALT)


def signup_to_confirm(token: str) -> Signup | None:
    """Return the sign-up a token confirms; None for a token that is forged or too old."""
    return _signup(token, CONFIRM_SALT, CONFIRM_MAX_AGE_SECONDS)


def signup_to_manage(token: str) -> Signup | None:
    """Return the sign-up a token manages; None for a token that is forged."""
    return _signup(token, MANAGE_SALT, None)


def _signup(token: str, salt: str, max_age: int | None) -> Signup | None:
    try:
        key = signing.loads(token, salt=salt, max_age=max_age)
    except signing.BadSignature:
        return None
    return Signup.objects.select_related("newsletter", "user").filter(key=key).first()
