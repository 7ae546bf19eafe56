"""Calls to action in the newsroom, and how many subscriptions each brought."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from articles.models import CallToAction
from billing.entitlements import subscriptions_by_origin


@admin.register(CallToAction)
class CallToActionAdmin(ModelAdmin):
    """Calls to action: what the wall says below some articles."""

    list_display = ("name", "heading", "plan", "subscriptions")
    list_select_related = ("plan",)
    search_fields = ("name", "heading")
    prepopulated_fields = {"slug": ("name",)}
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "slug")}),
        (_("Words"), {"fields": ("heading", "text", "benefits", "button", "plan")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallToAction]:
        """Say of each what it brought; billing knows slugs only, so they come as numbers and not by a join."""
        brought = (When(slug=slug, then=Value(count)) for slug, count in subscriptions_by_origin().items())
        return super().get_queryset(request).annotate(brought=Case(*brought, default=Value(0)))

    def get_readonly_fields(self, request: HttpRequest, obj: CallToAction | None = None) -> tuple[str, ...]:
        """Keep the slug of one that readers may have seen: by it the subscriptions are counted."""
        return () if obj is None else ("slug",)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """Make the slug of a new one from its name."""
        return {"slug": ("name",)} if obj is None else {}

    @admin.display(description=_("subscriptions from here"), ordering="brought")
    def subscriptions(self, call: Any) -> int:
        """Return how many readers subscribed where this one stood."""
        brought: int = call.brought
        return brought
