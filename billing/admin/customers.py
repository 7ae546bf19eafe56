"""Who pays, for what, and who went to pay."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from billing.admin.reading import ReadOnlyAdmin, SynchronisingAdmin, day_of
from billing.models import CheckoutAttempt, Customer, Subscription


@admin.register(Customer)
class CustomerAdmin(SynchronisingAdmin):
    """Look at who is known to Stripe."""

    list_display = ("user", "stripe_id", "synchronised_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "stripe_id")


@admin.register(Subscription)
class SubscriptionAdmin(SynchronisingAdmin):
    """Look at what readers pay for."""

    list_display = ("user", "kind", "status", "price", "renews_on", "ends_on", "open_until")
    list_filter = ("status", "kind", "price__plan")
    list_select_related = ("user", "price__plan")
    search_fields = ("user__email", "user__name", "stripe_id", "customer__stripe_id")
    date_hierarchy = "started_at"

    @admin.display(description=_("paid until"), ordering="current_period_end")
    def renews_on(self, row: Subscription) -> str:
        """Show the day to which it is paid."""
        return day_of(row.current_period_end)

    @admin.display(description=_("ends"), ordering="cancel_at")
    def ends_on(self, row: Subscription) -> str:
        """Show the day on which it ends, if it was cancelled."""
        return day_of(row.cancel_at)

    @admin.display(description=_("open until"), ordering="entitled_until")
    def open_until(self, row: Subscription) -> str:
        """Show the last day on which it opens anything."""
        return day_of(row.entitled_until)


@admin.register(CheckoutAttempt)
class CheckoutAttemptAdmin(ReadOnlyAdmin):
    """Look at who went to pay, and whether they did."""

    list_display = ("user", "kind", "price", "status", "created_at", "closed_at")
    list_filter = ("status", "kind")
    list_select_related = ("user", "price__plan")
    search_fields = ("user__email", "stripe_session_id")
    date_hierarchy = "created_at"
