"""Words for sets of comments."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Window
from django.db.models.functions import RowNumber

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models import Article
    from comments.models import Comment


class CommentQuerySet(models.QuerySet["Comment"]):
    """Words for sets of comments."""

    def published(self) -> Self:
        """Keep what everybody may read."""
        return self.filter(status="published")

    def held(self) -> Self:
        """Keep what waits for a moderator."""
        return self.filter(status="pending")

    def on(self, article: "Article") -> Self:
        """Keep the comments on an article, in the order they came in."""
        return self.filter(article=article).order_by("pk")

    def of(self, reader: "User") -> Self:
        """Keep what a reader wrote and has not erased."""
        return self.filter(author=reader).exclude(status="deleted")

    def roots(self) -> Self:
        """Keep those that answer the article itself."""
        return self.filter(root=None)

    def after(self, pk: int) -> Self:
        """Keep those that came in after one."""
        return self.filter(pk__gt=pk)

    def first_replies_to(self, roots: list["Comment"], *, limit: int) -> Self:
        """Keep the first so many replies in each of the threads, in one query."""
        number = Window(RowNumber(), partition_by=F("root"), order_by="pk")
        return self.filter(root__in=roots).annotate(number=number).filter(number__lte=limit).order_by("pk")
