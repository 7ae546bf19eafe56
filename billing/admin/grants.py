"""What readers hold without paying."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from billing.models import Grant


@admin.register(Grant)
class GrantAdmin(ModelAdmin):
    """Give and end complimentary access."""

    list_display = ("user", "kind", "reason", "starts_at", "ends_at", "given_by")
    list_filter = ("kind",)
    list_select_related = ("user", "given_by")
    search_fields = ("user__email", "user__name", "reason")
    raw_id_fields = ("user",)

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        """Remember who gave it."""
        if not change:
            obj.given_by_id = request.user.pk
        super().save_model(request, obj, form, change)
