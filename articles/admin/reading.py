"""What the paywall says and allows."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from articles import crawlers
from articles.models import PaywallSettings
from billing.entitlements import subscriptions_by_origin
from magazine.public_pages import forget_public_pages_on_commit


@admin.register(PaywallSettings)
class PaywallSettingsAdmin(ModelAdmin):
    """The paywall: one page of settings."""

    fieldsets = (
        (
            _("Allowance"),
            {
                "fields": (
                    ("anonymous_allowance", "registered_allowance"),
                    "new_meters_per_network",
                    ("gifts_a_month", "gift_opens"),
                    "opens_to_crawlers",
                )
            },
        ),
        (_("Words"), {"fields": ("heading", "text", "benefits", "button", ("sign", "sign_note"), "subscriptions")}),
    )

    readonly_fields = ("subscriptions",)

    @admin.display(description=_("subscriptions from here"))
    def subscriptions(self, paywall: PaywallSettings) -> int:
        """Return how many readers subscribed where these words stood."""
        return subscriptions_by_origin().get(paywall.slug, 0)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The one row is there from the start."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PaywallSettings | None = None) -> bool:
        """Settings can be changed, not deleted."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the one row."""
        return HttpResponseRedirect(reverse("admin:articles_paywallsettings_change", args=[PaywallSettings.load().pk]))

    def save_model(self, request: HttpRequest, obj: PaywallSettings, form: Any, change: bool) -> None:
        """Save, and let readers see it."""
        super().save_model(request, obj, form, change)
        transaction.on_commit(crawlers.SWITCH.forget)
        forget_public_pages_on_commit()
