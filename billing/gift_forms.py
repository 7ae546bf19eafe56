"""What somebody says who gives a subscription away."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.gifts import GiftOffer
from billing.models import GiftSubscription

MESSAGE_LENGTH = 1000
NAME_LENGTH = 80
# When a gift is delivered that waits for its day, by the magazine's clock.
DELIVERY_HOUR = 8
MAX_DAYS_AHEAD = 366


def refuse_links(text: str) -> None:
    """Refuse addresses of the web: our mails must not carry those of strangers."""
    if "://" in text or "www." in text.lower():
        raise ValidationError(_("Please leave out addresses of web pages."))


class DayInput(forms.DateInput):
    """A day, in the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class GiftForm(forms.Form):
    """What is given, to whom, and when; the amount is ours to know."""

    # Whether an address is needed, only the server knows: a browser would ask for it in a field that isn't shown.
    use_required_attribute = False

    choice = forms.ChoiceField(label=_("What you give"), widget=forms.RadioSelect)
    way = forms.ChoiceField(
        label=_("How it gets there"),
        choices=[("mail", _("We send it by mail")), ("link", _("I hand over the link myself"))],
        widget=forms.RadioSelect,
        initial="mail",
    )
    recipient_email = forms.EmailField(
        label=_("Their email address"),
        error_messages={"required": _("Write the address that we should send it to, or hand over the link yourself.")},
        help_text=_("Only for this one mail. They can accept with another address."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    deliver_on = forms.DateField(
        label=_("On what day"),
        required=False,
        help_text=_("Left empty: as soon as it is paid."),
        widget=DayInput,
        input_formats=["%Y-%m-%d"],
    )
    giver_name = forms.CharField(
        label=_("From"),
        max_length=NAME_LENGTH,
        required=False,
        validators=[refuse_links],
        help_text=_("How they know you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    message = forms.CharField(
        label=_("A few words"),
        max_length=MESSAGE_LENGTH,
        required=False,
        validators=[refuse_links],
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, offers: list[GiftOffer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {offer.choice: offer for offer in offers}
        has_several_plans = len({offer.plan.pk for offer in offers}) > 1
        field = self.fields["choice"]
        field.choices = [(offer.choice, _label(offer, names_plan=has_several_plans)) for offer in offers]  # type: ignore[attr-defined]
        if offers:
            field.initial = offers[0].choice
        today = timezone.localdate()
        bounds = {"min": today.isoformat(), "max": (today + timedelta(days=MAX_DAYS_AHEAD)).isoformat()}
        self.fields["deliver_on"].widget.attrs.update(bounds)

    def clean_deliver_on(self) -> date | None:
        """Refuse days that are over, and those that nobody remembers."""
        day: date | None = self.cleaned_data["deliver_on"]
        today = timezone.localdate()
        if day and not today <= day <= today + timedelta(days=MAX_DAYS_AHEAD):
            raise ValidationError(_("Choose a day from today on, within a year."))
        return day

    def clean(self) -> dict[str, Any]:
        """Ask for no address where the giver hands over the link."""
        cleaned = super().clean() or {}
        if cleaned.get("way") == "link":
            for name in ("recipient_email", "deliver_on"):
                self.errors.pop(name, None)
        return cleaned

    @property
    def offer(self) -> GiftOffer:
        """Return what was chosen."""
        return self.offers[self.cleaned_data["choice"]]

    def gift(self) -> dict[str, Any]:
        """Return the fields of the gift that the giver decides on."""
        by_mail = self.cleaned_data["way"] == "mail"
        return {
            "giver_name": self.cleaned_data["giver_name"],
            "message": self.cleaned_data["message"],
            "recipient_email": self.cleaned_data["recipient_email"] if by_mail else "",
            "deliver_at": _morning_of(self.cleaned_data["deliver_on"]) if by_mail else None,
        }


class AddressForm(forms.Form):
    """Another address for a gift, or the same once more."""

    recipient_email = forms.EmailField(label=_("Send it to"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))

    def __init__(self, data: Any = None, *, gift: GiftSubscription) -> None:
        super().__init__(data, auto_id=f"id_{gift.pk}_%s", initial={"recipient_email": gift.recipient_email})


def _label(offer: GiftOffer, *, names_plan: bool) -> str:
    words = {"length": str(offer.length).capitalize(), "price": offer.display, "plan": offer.plan.name}
    return str(_("%(plan)s, %(length)s, %(price)s") if names_plan else _("%(length)s, %(price)s")) % words


def _morning_of(day: date | None) -> datetime | None:
    """Return when a gift of a day is delivered; one of today at once."""
    if day is None or day <= timezone.localdate():
        return None
    return timezone.make_aware(datetime.combine(day, time(DELIVERY_HOUR)))
