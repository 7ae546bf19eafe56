"""A reader's list of articles to come back to."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import User
from articles.models import Article, SavedArticle
from articles.paging import PAGE_SIZE, cards_in_order

# In the session of somebody who pressed the button and has yet to sign in: the article's id.
WISH = "article_to_save"


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One page of a list, and where the next begins."""

    articles: list[Article]
    next: int | None


def save_article(user: User, article: Article) -> None:
    """Put an article on a reader's list; once, however often it is asked."""
    SavedArticle.objects.get_or_create(user=user, article=article)


def forget_article(user: User, article: Article) -> None:
    """Take an article off a reader's list."""
    SavedArticle.objects.filter(user=user, article=article).delete()


def saved_page(user: User, *, before: int | None = None) -> SavedPage:
    """Return the articles a reader saved, the newest first; the same cost for any page."""
    rows = SavedArticle.objects.visible().filter(user=user).newest_first()
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.values_list("pk", "article_id")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    articles = cards_in_order([article for _pk, article in shown])
    for article in articles:
        article.is_saved = True  # type: ignore[attr-defined] # what the button asks
    return SavedPage(articles, shown[-1][0] if len(found) > PAGE_SIZE else None)


def save_at_sign_in(request: HttpRequest, user: User, **kwargs: object) -> None:
    """Receive allauth's `user_logged_in`: save what this browser asked for before."""
    wish = request.session.pop(WISH, None)
    if wish is not None and (article := Article.objects.published().filter(pk=wish).first()) is not None:
        save_article(user, article)
