"""The form that gives money back."""

import secrets
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from billing.models import Payment
from billing.models.plans import ZERO_DECIMAL_CURRENCIES


class RefundForm(forms.Form):
    """How much goes back, and why."""

    class Extent:
        ALL, PART = "all", "part"

    extent = forms.ChoiceField(label=_("How much"), widget=UnfoldAdminRadioSelectWidget, initial=Extent.ALL)
    amount = forms.DecimalField(required=False, min_value=0, widget=UnfoldAdminDecimalFieldWidget)
    reason = forms.ChoiceField(
        label=_("Reason for the bank"),
        widget=UnfoldAdminSelectWidget,
        choices=[
            ("requested_by_customer", _("the reader asked for it")),
            ("duplicate", _("it was paid twice")),
            ("fraudulent", _("it was fraud")),
        ],
    )
    note = forms.CharField(label=_("Note for colleagues"), max_length=300, widget=UnfoldAdminTextInputWidget)
    ends_subscription = forms.BooleanField(label=_("End the subscription now as well"), required=False, widget=UnfoldBooleanWidget)
    # What the person who decided saw, and the mark by which pressing twice gives back once.
    seen_refunded = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: secrets.token_urlsafe(16))

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment = payment
        whole = _("all that is left, %(amount)s") % {"amount": payment.left_display}
        extent = self.fields["extent"]
        extent.choices = [(self.Extent.ALL, whole), (self.Extent.PART, _("a part"))]  # type: ignore[attr-defined]
        self.fields["amount"].label = _("Amount in %(currency)s, if a part") % {"currency": payment.currency}
        self.fields["seen_refunded"].initial = payment.amount_refunded
        if payment.subscription is None or not payment.subscription.is_live:
            del self.fields["ends_subscription"]

    def clean(self) -> dict[str, Any]:
        """Work out the minor units, and refuse what was decided on an older state."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("seen_refunded") != self.payment.amount_refunded:
            raise forms.ValidationError(_("Something of this payment went back in the meantime. Look at it again before you refund more."))
        if cleaned.get("extent") == self.Extent.ALL:
            cleaned["minor_units"] = self.payment.amount_left
        elif cleaned.get("amount") is None:
            self.add_error("amount", _("Say how much."))
        else:
            cleaned["minor_units"] = self._minor_units(cleaned["amount"])
        return cleaned

    def _minor_units(self, amount: Decimal) -> int:
        exponent = 0 if self.payment.currency in ZERO_DECIMAL_CURRENCIES else 2
        units = amount.scaleb(exponent)
        if units != units.to_integral_value() or not 0 < units <= self.payment.amount_left:
            self.add_error("amount", _("Refund something between nothing and %(amount)s.") % {"amount": self.payment.left_display})
            return 0
        return int(units)
