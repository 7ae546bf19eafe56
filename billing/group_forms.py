"""What people choose when they buy for a group and look after it: never the amount."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_domain_name, validate_email
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.emails import normalise_email
from accounts.open_domains import OPEN_TO_ANYBODY
from accounts.throwaway import is_throwaway
from billing.models import Group, Plan, Price
from billing.models.plans import MIN_SEATS

MOST_AT_ONCE = 50


class SeatsField(forms.IntegerField):
    """A number of seats that a plan sells."""

    def __init__(self, plan: Plan | None = None, **kwargs: Any) -> None:
        fewest, most = (plan.min_seats, plan.max_seats) if plan else (MIN_SEATS, None)
        kwargs.setdefault("label", _("Seats"))
        super().__init__(min_value=fewest, max_value=most, **kwargs)
        self.widget.attrs.setdefault("inputmode", "numeric")


class GroupOrderForm(forms.Form):
    """What a group is called, how many sit in it, and how often which price is paid."""

    name = forms.CharField(
        label=_("Name of the group"), max_length=60, help_text=_("Everybody you invite reads it: a team, a family, a class.")
    )
    seats = SeatsField(initial=5, help_text=_("One for each person, yours included. You can add and give up seats at any time."))
    offer = forms.ChoiceField(label=_("Price"), widget=forms.RadioSelect)

    def __init__(self, prices: list[Price], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prices = {f"{price.plan.slug}-{price.interval}": price for price in prices}
        has_several = len({price.plan_id for price in prices}) > 1
        labels = {key: _offer_label(price, has_several=has_several) for key, price in self.prices.items()}
        offers = self.fields["offer"]
        offers.choices = list(labels.items())  # type: ignore[attr-defined]
        offers.initial = next(iter(labels), None)

    def clean(self) -> dict[str, Any]:
        """Hold the seats against what the chosen plan sells."""
        cleaned = super().clean() or {}
        price, seats = self.prices.get(cleaned.get("offer", "")), cleaned.get("seats")
        if price is not None and seats is not None:
            cleaned["price"] = price
            try:
                SeatsField(price.plan).clean(seats)
            except ValidationError as error:
                self.add_error("seats", error)
        return cleaned


def _offer_label(price: Price, *, has_several: bool) -> str:
    words = _("%(price)s a seat, by the month") if price.interval == Price.Interval.MONTH else _("%(price)s a seat, by the year")
    label = words % {"price": price.display}
    return f"{price.plan.name}: {label}" if has_several else str(label)


class InvitationForm(forms.Form):
    """Addresses, one a line or with commas between."""

    addresses = forms.CharField(
        label=_("Email addresses"),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        max_length=10_000,
        help_text=_("One a line, or with commas between."),
    )

    def clean_addresses(self) -> list[str]:
        """Return the addresses in their one form; name those that are none."""
        found = list(dict.fromkeys(normalise_email(part) for part in re.split(r"[\s,;]+", self.cleaned_data["addresses"]) if part))
        wrong = [address for address in found if not _is_address(address)]
        if wrong:
            words = ngettext_lazy("This is no address that mail reaches:", "These are no addresses that mail reaches:", len(wrong))
            raise ValidationError(f"{words} {', '.join(wrong[:5])}")
        if not found or len(found) > MOST_AT_ONCE:
            raise ValidationError(_("Write between one and %(most)d addresses."), params={"most": MOST_AT_ONCE})
        return found


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return not is_throwaway(address)


class GroupSettingsForm(forms.ModelForm):
    """What a group is called, who may join by themselves, and whether the owner hears of it."""

    class Meta:
        model = Group
        fields = ["name", "domain", "tells_owner"]
        labels = {"name": _("Name of the group"), "domain": _("Email domain"), "tells_owner": _("Write to me when somebody joins")}
        help_texts = {"domain": _("People with a confirmed address there can take a free seat by themselves, such as example.org.")}

    def __init__(self, *args: Any, own_domains: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own_domains = own_domains

    def clean_domain(self) -> str:
        """Keep a domain at which who sets it has an address, and not everybody else."""
        domain = normalise_email(f"x@{self.cleaned_data['domain'].strip().lstrip('@')}").rpartition("@")[2]
        if not domain or domain == self.instance.domain:
            return domain
        validate_domain_name(domain)
        if domain in OPEN_TO_ANYBODY:
            raise ValidationError(_("Anybody can get an address there. Invite people by mail or with the link instead."))
        if domain not in self._own_domains:
            raise ValidationError(_("You can only name a domain at which you have a confirmed address yourself."))
        return domain


class SeatsForm(forms.Form):
    """Another number of seats, and when fewer of them begin."""

    def __init__(self, plan: Plan, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seats"] = SeatsField(plan, label=_("How many seats?"))
