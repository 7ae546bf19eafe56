"""Who may do what with an article in the newsroom.

Contributors write and submit; authors also publish their own; editors do everything. The groups are made by a migration and can
be changed by the editor-in-chief; what counts are the permissions.
"""

from typing import TYPE_CHECKING

from django.db.models import Q

from articles.models import Article
from articles.querysets import ArticleQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

PUBLISH_ANY = "articles.publish_article"
PUBLISH_OWN = "articles.publish_own_article"
# What somebody who may not publish can still change.
UNFINISHED = (Article.Status.DRAFT, Article.Status.IN_REVIEW)


def own(articles: ArticleQuerySet, user: "User | AnonymousUser") -> ArticleQuerySet:
    """Keep the articles somebody began or is credited for."""
    begun = Article.history.filter(history_user_id=user.pk, history_type="+").values("id")
    return articles.filter(Q(pk__in=begun) | Q(credits__person__user_id=user.pk)).distinct()


def is_own(article: Article, user: "User | AnonymousUser") -> bool:
    """Say whether somebody began an article or is credited for it."""
    return own(Article.objects.filter(pk=article.pk), user).exists()


def may_change(article: Article, user: "User | AnonymousUser") -> bool:
    """Say whether somebody may edit an article: their own while it is unfinished, or what they may publish."""
    if not user.has_perm("articles.change_article"):
        return False
    return may_publish(article, user) or (article.status in UNFINISHED and is_own(article, user))


def may_publish(article: Article, user: "User | AnonymousUser") -> bool:
    """Say whether somebody may show an article to readers, or take it from them."""
    return user.has_perm(PUBLISH_ANY) or (user.has_perm(PUBLISH_OWN) and is_own(article, user))
