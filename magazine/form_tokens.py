"""Signed times in forms: who posts has seen the form, a human while ago. They need no session and tell nothing of a reader."""

from django.core import signing

DAY_SECONDS = 24 * 3600


def make_token(*, salt: str, value: str = "") -> str:
    """Return a token for a form; the same for every reader, so that its page can be cached."""
    return signing.TimestampSigner(salt=salt).sign(value)


def is_human(token: str, *, salt: str, value: str = "", min_seconds: int, max_seconds: int = DAY_SECONDS) -> bool:
    """Say whether a token is ours, made for this value, and neither too young for a person nor too old."""
    signer = signing.TimestampSigner(salt=salt)
    try:
        if signer.unsign(token, max_age=max_seconds) != value:
            return False
    except signing.BadSignature:
        return False
    try:
        signer.unsign(token, max_age=min_seconds)
    except signing.SignatureExpired:
        return True
    return False
