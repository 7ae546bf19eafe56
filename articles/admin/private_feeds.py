"""Private feeds in the newsroom: whose address got about."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from articles.models import PrivateFeed
from articles.private_feeds import MANY_NETWORKS, feeds_with_networks


class NetworksFilter(admin.SimpleListFilter):
    """Feeds whose address seems to have been passed around."""

    title = _("read from")
    parameter_name = "networks"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the one choice."""
        return [("many", _("many networks"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those that many networks read this month."""
        return queryset.filter(network_count__gte=MANY_NETWORKS) if self.value() == "many" else queryset


@admin.register(PrivateFeed)
class PrivateFeedAdmin(ModelAdmin):
    """Private feeds, those first that most networks read; deleting one stops it."""

    list_display = ("user", "made_at", "networks_this_month")
    list_select_related = ("user",)
    list_filter = (NetworksFilter,)
    search_fields = ("user__email", "user__name")
    readonly_fields = ("user", "made_at", "networks_this_month")
    fields = readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrivateFeed]:
        """Count the networks of this month."""
        # Not from super(), which orders by the count before there is one.
        return feeds_with_networks().order_by(*self.get_ordering(request))

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
