"""Signed form tokens: who posts has seen this article's form, a human while ago."""

from django.core import signing

from articles.models import Article

SALT = "comments.form"
MIN_AGE_SECONDS = 3
MAX_AGE_SECONDS = 24 * 3600


def make_token(article: Article) -> str:
    """Return a token for the form under an article; the same for every reader, so that the page can be cached."""
    return signing.TimestampSigner(salt=SALT).sign(str(article.pk))


def is_valid(token: str, article: Article) -> bool:
    """Say whether a token is ours, of this article, and neither too young for a person nor too old."""
    signer = signing.TimestampSigner(salt=SALT)
    try:
        if signer.unsign(token, max_age=MAX_AGE_SECONDS) != str(article.pk):
            return False
    except signing.BadSignature:
        return False
    try:
        signer.unsign(token, max_age=MIN_AGE_SECONDS)
    except signing.SignatureExpired:
        return True
    return False
