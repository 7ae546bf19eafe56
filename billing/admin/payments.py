"""The money that came in, what went back, and who pays twice."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.admin.reading import ReadOnlyAdmin, SynchronisingAdmin, day_of
from billing.admin.refunds import RefundForm
from billing.models import DoubleSubscription, Payment
from billing.models.plans import display_amount
from billing.refunding import refund_payment
from billing.stripe_client import StripeCallError

MAY_REFUND = "billing.refund_payment"
# Why Stripe made an invoice, by its word.
OCCASIONS = {
    "subscription_create": _("the first of a subscription"),
    "subscription_cycle": _("a renewal"),
    "subscription_update": _("a change of plan or seats"),
    "subscription_threshold": _("a threshold was reached"),
    "manual": _("made by hand at Stripe"),
}


@admin.register(Payment)
class PaymentAdmin(SynchronisingAdmin):
    """Look at what was paid, and give it back."""

    customer_path = "payments"
    list_display = ("paid_on", "user", "amount_label", "refunded", "dispute_label", "kind", "pays_until", "number")
    list_display_links = ("paid_on", "user")
    list_filter = ("kind", "dispute", "currency")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "number", "stripe_invoice_id", "stripe_charge_id", "stripe_payment_intent_id")
    date_hierarchy = "paid_at"
    fields = (
        *("user", "kind", "amount_label", "refunded", "dispute_label", "paid_at", "period_start", "period_end", "subscription"),
        *("occasion", "number", "invoice", "stripe_invoice_id", "stripe_payment_intent_id", "stripe_charge_id", "synchronised_at"),
    )
    readonly_fields = ("amount_label", "refunded", "dispute_label", "occasion", "invoice")
    change_form_template = "admin/billing/payment/change_form.html"

    @admin.display(description=_("amount"), ordering="amount")
    def amount_label(self, payment: Payment) -> str:
        """Show the amount as people write it."""
        return payment.display

    @admin.display(description=_("refunded"), ordering="amount_refunded")
    def refunded(self, payment: Payment) -> str:
        """Show what went back, if anything did."""
        return display_amount(payment.amount_refunded, payment.currency) if payment.amount_refunded else ""

    @display(description=_("dispute"), ordering="dispute", label={"open": "warning", "won": "success", "lost": "danger"})
    def dispute_label(self, payment: Payment) -> tuple[str, str] | None:
        """Show a dispute as a coloured label, and nothing where there is none."""
        return None if payment.dispute == Payment.Dispute.NONE else (payment.dispute, payment.get_dispute_display())

    @admin.display(description=_("paid"), ordering="paid_at")
    def paid_on(self, payment: Payment) -> str:
        """Show the day on which it was paid."""
        return day_of(payment.paid_at)

    @admin.display(description=_("pays until"), ordering="period_end")
    def pays_until(self, payment: Payment) -> str:
        """Show the day to which it pays."""
        return day_of(payment.period_end)

    @admin.display(description=_("occasion"))
    def occasion(self, payment: Payment) -> str:
        """Say in words why Stripe charged; its own word where there are none."""
        return str(OCCASIONS.get(payment.reason, payment.reason)) or "–"

    @admin.display(description=_("invoice or receipt"))
    def invoice(self, payment: Payment) -> SafeString | str:
        """Link what Stripe wrote to the reader."""
        url = payment.hosted_invoice_url
        return format_html('<a href="{}" rel="noreferrer">{}</a>', url, _("Open at Stripe")) if url.startswith("https://") else "–"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        """Offer the refund to whom it is allowed."""
        payment = kwargs.get("obj")
        context["may_refund"] = payment is not None and payment.is_refundable and request.user.has_perm(MAY_REFUND)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add the page that gives money back."""
        refund = path("<int:pk>/refund/", self.admin_site.admin_view(self.refund_view), name="billing_payment_refund")
        return [refund, *super().get_urls()]

    def refund_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask how much goes back and what follows; give it back by POST."""
        payment = get_object_or_404(Payment.objects.select_related("user", "customer__user", "subscription"), pk=pk)
        if not self.has_view_permission(request) or not request.user.has_perm(MAY_REFUND):
            raise PermissionDenied
        if not payment.is_refundable:
            messages.error(request, _("Nothing of this payment can be refunded: it went back already, or a bank has taken it back."))
            return HttpResponseRedirect(self._address(payment))
        form = RefundForm(request.POST or None, payment=payment)
        if form.is_valid() and self._refund(request, payment, form.cleaned_data):
            return HttpResponseRedirect(self._address(payment))
        title = _("Refund %(amount)s") % {"amount": payment.display}
        context = {**self.admin_site.each_context(request), "title": title, "payment": payment, "form": form, "opts": self.opts}
        return render(request, "admin/billing/payment/refund.html", context)

    def _refund(self, request: HttpRequest, payment: Payment, decided: dict[str, Any]) -> bool:
        """Give back what was decided, and say how it went; False leaves the form as it is, with its key."""
        amount = display_amount(decided["minor_units"], payment.currency)
        try:
            refund_payment(
                payment,
                amount=decided["minor_units"],
                reason=decided["reason"],
                by=request.user,  # type: ignore[arg-type]
                key=decided["key"],
                ends_subscription=decided.get("ends_subscription", False),
            )
        except StripeCallError as error:
            words = _("Stripe gave no clear answer (%(error)s). Press again: the same refund is never made twice.")
            messages.error(request, words % {"error": error})
            return False
        self.log_change(request, payment, f"{amount}: {decided['note']}")
        messages.success(request, _("%(amount)s is on its way back to the reader.") % {"amount": amount})
        return True

    def _address(self, payment: Payment) -> str:
        return reverse("admin:billing_payment_change", args=[payment.pk])


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
