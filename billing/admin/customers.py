"""Who pays, for what, and who went to pay."""

from django.contrib import admin

from billing.admin.reading import ReadOnlyAdmin, SynchronisingAdmin
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

    list_display = ("user", "status", "price", "current_period_end", "cancel_at", "entitled_until", "synchronised_at")
    list_filter = ("status", "price__plan")
    list_select_related = ("user", "price__plan")
    search_fields = ("user__email", "user__name", "stripe_id", "customer__stripe_id")
    date_hierarchy = "started_at"


@admin.register(CheckoutAttempt)
class CheckoutAttemptAdmin(ReadOnlyAdmin):
    """Look at who went to pay, and whether they did."""

    list_display = ("user", "price", "status", "created_at", "closed_at")
    list_filter = ("status",)
    list_select_related = ("user", "price__plan")
    search_fields = ("user__email", "stripe_session_id")
    date_hierarchy = "created_at"
