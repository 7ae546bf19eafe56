"""What readers may do with a subscription, and why they leave."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from billing.admin.reading import ReadOnlyAdmin
from billing.models import Cancellation, SellingRules


@admin.register(SellingRules)
class SellingRulesAdmin(ModelAdmin):
    """Decide what readers may do with a subscription."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow one row."""
        return not SellingRules.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep the row."""
        return False


@admin.register(Cancellation)
class CancellationAdmin(ReadOnlyAdmin):
    """Read why readers leave."""

    list_display = ("created_at", "reason", "words", "outcome", "user", "subscription")
    list_filter = ("reason", "outcome")
    list_select_related = ("user", "subscription__user")
    search_fields = ("words", "user__email", "user__name")
    date_hierarchy = "created_at"
