"""Signed form tokens: who posts has seen this article's form, a human while ago."""

from articles.models import Article
from magazine import form_tokens

SALT = "comments.form"
MIN_AGE_SECONDS = 3


def make_token(article: Article) -> str:
    """Return a token for the form under an article; the same for every reader, so that the page can be cached."""
    return form_tokens.make_token(salt=SALT, value=str(article.pk))


def is_valid(token: str, article: Article) -> bool:
    """Say whether a token is ours, of this article, and neither too young for a person nor too old."""
    return form_tokens.is_human(token, salt=SALT, value=str(article.pk), min_seconds=MIN_AGE_SECONDS)
