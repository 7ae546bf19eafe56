"""Comments, and what moderators decided about them."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.querysets import CommentQuerySet
from magazine.one_row import OneRow

BODY_MAX_LENGTH = 8000


class Comment(models.Model):
    """What a reader, or a guest who gave name and email, said about an article."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        PUBLISHED = "published", _("published")
        SPAM = "spam", _("spam")
        REJECTED = "rejected", _("rejected")
        DELETED = "deleted", _("deleted")

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="comments", verbose_name=_("article"))
    root = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="thread", editable=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies", verbose_name=_("answers"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="comments", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("email"), blank=True, help_text=_("Never shown to readers."))
    body = models.TextField(_("comment"), max_length=BODY_MAX_LENGTH)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    floor = models.PositiveIntegerField(_("number under the article"), null=True, blank=True, editable=False)
    email_confirmed_at = models.DateTimeField(_("email confirmed"), null=True, blank=True)
    posted_at = models.DateTimeField(_("posted"), default=timezone.now)
    source_id = models.CharField(_("id at the source of an import"), max_length=255, null=True, blank=True, unique=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["article", "status", "root", "id"], name="comments_of_article"),
            models.Index(fields=["root", "status", "id"], name="comments_of_thread"),
            models.Index(fields=["status", "-id"], name="comments_queue"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["article", "floor"], name="comments_comment_one_a_floor"),
            models.CheckConstraint(
                condition=models.Q(root=None, parent=None) | models.Q(root__isnull=False, parent__isnull=False),
                name="comments_comment_reply_has_a_root",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.body[:60]}"

    def get_absolute_url(self) -> str:
        """Return the address of the comment in its thread."""
        return f"{reverse('comments:thread', args=[self.article.slug])}?floor={self.pk}#c{self.pk}"

    @property
    def is_published(self) -> bool:
        """Say whether everybody may read it; twin of `CommentQuerySet.published`."""
        return self.status == self.Status.PUBLISHED

    @property
    def is_held(self) -> bool:
        """Say whether it waits for a moderator; twin of `CommentQuerySet.held`."""
        return self.status == self.Status.PENDING

    @property
    def initial(self) -> str:
        """Return the character of the avatar."""
        return self.name[:1].upper()


class Decision(models.Model):
    """One change of a comment's state; rows are only ever added."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="decisions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    from_status = models.CharField(max_length=10, choices=Comment.Status, blank=True)
    to_status = models.CharField(max_length=10, choices=Comment.Status)
    reasons = models.JSONField(default=list, blank=True)
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class CommentSettings(OneRow):
    """How readers are asked to comment, and what comments are called here."""

    is_open = models.BooleanField(_("readers may comment"), default=True)
    welcome = models.CharField(
        _("line above the thread"), max_length=300, blank=True, default="", help_text=_("What you would like readers to keep in mind.")
    )
    noun_singular = models.CharField(_("one comment is called"), max_length=40, blank=True, help_text=_("Empty: comment."))
    noun_plural = models.CharField(_("several are called"), max_length=40, blank=True, help_text=_("Empty: comments."))
    noun_mark = models.CharField(_("mark behind the number"), max_length=4, blank=True, help_text=_("For example 楼. Empty: #1."))

    class Meta:
        verbose_name = verbose_name_plural = _("comment settings")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
