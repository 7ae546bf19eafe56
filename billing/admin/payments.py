"""The money that came in, what went back, and who pays twice."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.admin.reading import ReadOnlyAdmin, SynchronisingAdmin
from billing.models import DoubleSubscription, Payment
from billing.models.plans import display_amount


@admin.register(Payment)
class PaymentAdmin(SynchronisingAdmin):
    """Look at what was paid."""

    customer_path = "payments"
    list_display = ("user", "display", "refunded", "dispute", "kind", "paid_at", "period_end", "number")
    list_filter = ("kind", "dispute", "currency")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "number", "stripe_invoice_id", "stripe_charge_id", "stripe_payment_intent_id")
    date_hierarchy = "paid_at"

    @admin.display(description=_("amount"), ordering="amount")
    def display(self, payment: Payment) -> str:
        """Show the amount as people write it."""
        return payment.display

    @admin.display(description=_("refunded"), ordering="amount_refunded")
    def refunded(self, payment: Payment) -> str:
        """Show what went back, if anything did."""
        return display_amount(payment.amount_refunded, payment.currency) if payment.amount_refunded else ""


@admin.register(DoubleSubscription)
class DoubleSubscriptionAdmin(ReadOnlyAdmin):
    """Look at who subscribed twice."""

    list_display = ("user", "state", "stripe_id", "other_stripe_id", "noted_at", "seen_at")
    list_filter = ("state", ("seen_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "stripe_id", "other_stripe_id")
    actions = ("mark_seen",)

    def has_see_permission(self, request: HttpRequest) -> bool:
        """Let those who look after doubles put them away."""
        return request.user.has_perm("billing.change_doublesubscription")

    @admin.action(description=_("I have seen to it"), permissions=["see"])
    def mark_seen(self, request: HttpRequest, queryset: QuerySet[DoubleSubscription]) -> None:
        """Take the chosen ones off the list of what needs somebody."""
        queryset.filter(seen_at=None).update(seen_at=timezone.now())
