"""What comparing with Stripe found."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin.reading import ReadOnlyAdmin
from billing.models import Reconciliation


class FindingsFilter(admin.SimpleListFilter):
    """Keep those that found something, seen or not."""

    title = _("findings")
    parameter_name = "findings"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """Offer what there is to choose."""
        return [("unseen", _("not seen to")), ("any", _("any"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Reconciliation]) -> QuerySet[Reconciliation]:
        """Apply the choice."""
        found = Reconciliation.objects
        chosen = {"unseen": found.unseen, "any": found.with_findings}.get(self.value() or "")
        return queryset.filter(pk__in=chosen().values("pk")) if chosen else queryset


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    """Look at what differed from Stripe, and what could not be compared."""

    list_display = ("started_at", "kind", "drift_count", "fault_count", "was_stopped", "is_dry_run", "seen_at")
    list_filter = (FindingsFilter, "kind", "is_dry_run")
    date_hierarchy = "started_at"
    actions = ("mark_seen",)
    fields = ("kind", "started_at", "finished_at", "is_dry_run", "looked_at", "differences", "what_failed", "was_stopped", "seen_at")
    readonly_fields = ("looked_at", "differences", "what_failed")

    @admin.display(description=_("looked at"))
    def looked_at(self, row: Reconciliation) -> str:
        """Say how many of what."""
        return ", ".join(f"{count} {what}" for what, count in sorted(row.counts.items()))

    @admin.display(description=_("differences"))
    def differences(self, row: Reconciliation) -> SafeString | str:
        """List each field that differed."""
        lines = ((d["id"], d["field"], d["ours"], d["theirs"]) for d in row.drifts)
        return format_html_join("", "<div><code>{}</code> {}: {} → {}</div>", lines) or "–"

    @admin.display(description=_("faults"))
    def what_failed(self, row: Reconciliation) -> SafeString | str:
        """List what could not be compared."""
        return format_html_join("", "<div>{}</div>", ((fault,) for fault in row.faults)) or "–"

    def has_see_permission(self, request: HttpRequest) -> bool:
        """Let those who look after the comparison put findings away."""
        return request.user.has_perm("billing.change_reconciliation")

    @admin.action(description=_("I have seen to it"), permissions=["see"])
    def mark_seen(self, request: HttpRequest, queryset: QuerySet[Reconciliation]) -> None:
        """Take the chosen ones off the list of what needs somebody."""
        queryset.filter(seen_at=None).update(seen_at=timezone.now())
