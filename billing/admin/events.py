"""What Stripe said."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.admin.reading import ReadOnlyAdmin
from billing.models import WebhookEvent
from billing.tasks import process_event


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """Look at what Stripe said, and do again what was given up."""

    list_display = ("kind", "status", "attempts", "received_at", "done_at", "object_id")
    list_filter = ("status", "kind")
    search_fields = ("stripe_id", "object_id", "kind")
    date_hierarchy = "received_at"
    actions = ("replay",)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Let those who look after events do them again."""
        return request.user.has_perm("billing.change_webhookevent")

    @admin.action(description=_("Do again"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
        """Put the chosen events back to work."""
        chosen = list(queryset.values_list("pk", flat=True))
        count = WebhookEvent.objects.filter(pk__in=chosen).replay()
        for event_id in chosen:
            process_event.delay(event_id)
        words = ngettext("%(count)d event is being done again.", "%(count)d events are being done again.", count)
        messages.success(request, words % {"count": count})
