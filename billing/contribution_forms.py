"""What somebody says who gives money."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing.gift_forms import refuse_links
from billing.models import Contribution, ContributionSettings
from billing.models.plans import parse_amount

NAME_LENGTH = 80
MESSAGE_LENGTH = 500


class ContributionForm(forms.Form):
    """How much, and what is said with it; a written amount counts before a suggested one."""

    suggested = forms.ChoiceField(label=_("Amount"), required=False, widget=forms.RadioSelect)
    amount = forms.CharField(
        label=_("Or another amount"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=NAME_LENGTH,
        validators=[refuse_links],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    message = forms.CharField(
        label=_("A few words to us"),
        required=False,
        max_length=MESSAGE_LENGTH,
        validators=[refuse_links],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_public = forms.BooleanField(label=_("You may show my name and words on this page"), required=False)

    def __init__(self, *args: Any, interval: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.interval, self.rules = interval, ContributionSettings.load()
        amounts = self.rules.suggested(interval)
        field = self.fields["suggested"]
        field.choices = [(str(amount), self.rules.display(amount)) for amount in amounts]  # type: ignore[attr-defined]
        if amounts:
            # The second of several: neither the least nor the most.
            field.initial = str(amounts[min(1, len(amounts) - 1)])
        words = {
            "least": self.rules.display(self.rules.minimum),
            "most": self.rules.display(self.rules.maximum),
            "currency": self.rules.currency,
        }
        self.fields["amount"].help_text = _("In %(currency)s, from %(least)s to %(most)s.") % words

    def clean_amount(self) -> int | None:
        """Read the written amount, in minor units; None if there is none."""
        text: str = self.cleaned_data["amount"].strip()
        if not text:
            return None
        amount = parse_amount(text, self.rules.currency)
        if amount is None:
            raise ValidationError(_("Please write the amount in figures, such as 12 or 12.50."))
        if not self.rules.minimum <= amount <= self.rules.maximum:
            words = {"least": self.rules.display(self.rules.minimum), "most": self.rules.display(self.rules.maximum)}
            raise ValidationError(_("Please choose an amount from %(least)s to %(most)s.") % words)
        return amount

    def clean(self) -> dict[str, Any]:
        """Ask for an amount, where none was written or chosen."""
        cleaned = super().clean() or {}
        if "amount" not in self.errors and cleaned.get("amount") is None:
            if not cleaned.get("suggested"):
                self.add_error("amount", _("Please choose an amount."))
            else:
                cleaned["amount"] = int(cleaned["suggested"])
        return cleaned

    def contribution(self) -> dict[str, Any]:
        """Return the fields of the contribution; the currency is ours."""
        fields = {name: self.cleaned_data[name] for name in ("amount", "name", "message", "is_public")}
        return fields | {"currency": self.rules.currency, "interval": Contribution.Interval(self.interval)}
