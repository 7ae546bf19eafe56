"""Private feeds in the newsroom: whose address got about."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from articles.meter import period_at
from articles.models import PrivateFeed


@admin.register(PrivateFeed)
class PrivateFeedAdmin(ModelAdmin):
    """Private feeds, those first that most networks read; deleting one stops it."""

    list_display = ("user", "made_at", "networks_this_month")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    readonly_fields = ("user", "made_at", "networks_this_month")
    fields = readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrivateFeed]:
        """Count the networks of this month."""
        this_month = Count("networks", filter=Q(networks__period=period_at()))
        # Not from super(), which orders by the count before there is one.
        return PrivateFeed.objects.annotate(network_count=this_month).order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Put first what most networks read."""
        return ("-network_count", "-made_at", "-pk")

    @admin.display(description=_("networks this month"), ordering="network_count")
    def networks_this_month(self, feed: Any) -> int:
        """Return from how many networks it was read."""
        count: int = feed.network_count
        return count

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Readers make their own."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PrivateFeed | None = None) -> bool:
        """There is nothing to change."""
        return False
