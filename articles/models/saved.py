"""What readers keep to read later."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article


class SavedArticleQuerySet(models.QuerySet["SavedArticle"]):
    """Words for sets of saved articles."""

    def visible(self) -> Self:
        """Keep those whose article readers can see."""
        return self.filter(article__in=Article.objects.published())

    def newest_first(self) -> Self:
        """Order by when they were saved, the newest first."""
        return self.order_by("-pk")


class SavedArticle(models.Model):
    """An article on a reader's list."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_articles", verbose_name=_("person"))
    article = models.ForeignKey(Article, models.CASCADE, related_name="saved_by", verbose_name=_("article"))
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)

    objects = SavedArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved article")
        verbose_name_plural = _("saved articles")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "-id"], name="articles_saved_newest")]
        constraints = [models.UniqueConstraint(fields=["user", "article"], name="articles_savedarticle_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.article_id}"
