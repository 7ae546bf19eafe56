"""What readers may do with a subscription, and why they leave."""

from django.contrib import admin

from billing.admin.reading import ReadOnlyAdmin
from billing.models import Cancellation, SellingRules
from magazine.one_row_admin import OneRowAdmin


@admin.register(SellingRules)
class SellingRulesAdmin(OneRowAdmin):
    """Decide what readers may do with a subscription."""


@admin.register(Cancellation)
class CancellationAdmin(ReadOnlyAdmin):
    """Read why readers leave."""

    list_display = ("created_at", "reason", "words", "outcome", "user", "subscription")
    list_filter = ("reason", "outcome")
    list_select_related = ("user", "subscription__user")
    search_fields = ("words", "user__email", "user__name")
    date_hierarchy = "created_at"
