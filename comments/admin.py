"""The moderators' queues."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from comments import moderation
from comments.models import Comment, CommentSettings, Decision


class DecisionInline(TabularInline):
    """What was decided about a comment, and by whom."""

    model = Decision
    extra = 0
    can_delete = False
    readonly_fields = fields = ("decided_at", "by", "from_status", "to_status", "reasons")

    def has_add_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        """Decisions are made by buttons, not typed."""
        return False


@admin.register(Comment)
class CommentAdmin(ModelAdmin):
    """Comments: read, approve, refuse."""

    list_display = ("excerpt", "status_label", "name", "article", "posted_at")
    list_filter = ("status", "article__section")
    search_fields = ("body", "name", "email", "article__title")
    list_select_related = ("article",)
    date_hierarchy = "posted_at"
    list_per_page = 50
    actions = ("approve", "reject", "mark_as_spam")
    # In the form's own line, because Unfold's other buttons are links, and a GET must never decide anything.
    actions_submit_line = ("approve_one", "reject_one", "spam_one")
    inlines = (DecisionInline,)
    fields = ("article", "name", "email", "email_confirmed_at", "author", "parent", "body", "status", "posted_at")
    readonly_fields = ("article", "name", "email", "email_confirmed_at", "author", "parent", "body", "status", "posted_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Comments are written under articles."""
        return False

    @display(description=_("comment"))
    def excerpt(self, comment: Comment) -> str:
        """Return the beginning of the text."""
        return comment.body[:120] + ("…" if len(comment.body) > 120 else "")

    @display(
        description=_("status"),
        label={"pending": "warning", "published": "success", "spam": "danger", "rejected": "danger", "deleted": "info"},
        ordering="status",
    )
    def status_label(self, comment: Comment) -> tuple[str, str]:
        """Return the state as a coloured label."""
        return comment.status, comment.get_status_display()

    @admin.action(description=_("Approve"), permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        """Publish the chosen comments."""
        self._decide(request, queryset, Comment.Status.PUBLISHED)

    @admin.action(description=_("Reject"), permissions=["change"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        """Refuse the chosen comments."""
        self._decide(request, queryset, Comment.Status.REJECTED)

    @admin.action(description=_("Mark as spam"), permissions=["change"])
    def mark_as_spam(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        """Put the chosen comments with the spam."""
        self._decide(request, queryset, Comment.Status.SPAM)

    @action(description=_("Approve"), permissions=["change"])
    def approve_one(self, request: HttpRequest, comment: Comment) -> None:
        """Publish one comment."""
        moderation.decide(comment, Comment.Status.PUBLISHED, by=request.user)  # type: ignore[arg-type]

    @action(description=_("Reject"), permissions=["change"])
    def reject_one(self, request: HttpRequest, comment: Comment) -> None:
        """Refuse one comment."""
        moderation.decide(comment, Comment.Status.REJECTED, by=request.user)  # type: ignore[arg-type]

    @action(description=_("Mark as spam"), permissions=["change"])
    def spam_one(self, request: HttpRequest, comment: Comment) -> None:
        """Put one comment with the spam."""
        moderation.decide(comment, Comment.Status.SPAM, by=request.user)  # type: ignore[arg-type]

    def _decide(self, request: HttpRequest, queryset: QuerySet[Comment], status: Comment.Status) -> None:
        """Move comments to a state, and say how many did."""
        count = sum(moderation.decide(comment, status, by=request.user) for comment in queryset)  # type: ignore[arg-type]
        text = ngettext("%(count)d comment is now “%(status)s”.", "%(count)d comments are now “%(status)s”.", count)
        messages.success(request, text % {"count": count, "status": status.label})


@admin.register(CommentSettings)
class CommentSettingsAdmin(ModelAdmin):
    """The one row of settings."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It stays."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Go to the row itself."""
        CommentSettings.load()
        return HttpResponseRedirect(reverse("admin:comments_commentsettings_change", args=[1]))
