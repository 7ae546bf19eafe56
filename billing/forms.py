"""What a reader may choose when they buy, pause or leave."""

import re
from pathlib import PurePath
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.models import Cancellation, Price, SellingRules, Subscription
from billing.pausing import end_of_pause

MAX_PATH_LENGTH = 500
MAX_EVIDENCE_BYTES = 5 * 1024 * 1024
JPEG = b"\xff\xd8\xff"
EVIDENCE = {".pdf": b"%PDF-", ".jpg": JPEG, ".jpeg": JPEG, ".png": b"\x89PNG"}
# What led somebody here, as whoever links here calls it: a slug.
ORIGIN = re.compile(r"[-\w]{1,50}", re.ASCII)


class ChoiceForm(forms.Form):
    """How often a reader pays, in which currency, and where they came from."""

    interval = forms.ChoiceField(choices=Price.Interval.choices)
    currency = forms.RegexField(r"^[A-Z]{3}$")
    amount = forms.CharField(required=False, max_length=20)
    suggested = forms.CharField(required=False, max_length=20)
    next = forms.CharField(required=False)
    came_from = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        """Take a suggested amount where none was written."""
        data = super().clean() or {}
        return data | {"amount": data.get("amount", "").strip() or data.get("suggested", "").strip()}

    def clean_next(self) -> str:
        """Keep a path of this site, and drop anything else."""
        return safe_path(self.cleaned_data["next"])

    def clean_came_from(self) -> str:
        """Keep a slug, and drop anything else."""
        return safe_origin(self.cleaned_data["came_from"])


class LeavingForm(forms.Form):
    """Why a reader leaves, if they care to say."""

    reason = forms.ChoiceField(label=_("Why do you leave?"), choices=Cancellation.Reason.choices, required=False, widget=forms.RadioSelect)
    words = forms.CharField(label=_("Would you tell us more?"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))


class EvidenceForm(forms.Form):
    """A document that shows that somebody studies."""

    evidence = forms.FileField(
        label=_("Student card or certificate"),
        help_text=_("PDF, JPEG or PNG, up to 5 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def clean_evidence(self) -> UploadedFile:
        """Take what it says it is, by its first bytes too, and nothing large."""
        upload: UploadedFile = self.cleaned_data["evidence"]
        beginnings = EVIDENCE.get(PurePath(upload.name or "").suffix.lower())
        start = upload.read(8)
        upload.seek(0)
        if beginnings is None or not start.startswith(beginnings):
            raise forms.ValidationError(_("This is no PDF, JPEG or PNG file."))
        if (upload.size or 0) > MAX_EVIDENCE_BYTES:
            raise forms.ValidationError(_("This file is larger than 5 MB."))
        return upload


class PauseForm(forms.Form):
    """For how many months a reader pauses."""

    months = forms.TypedChoiceField(label=_("How long?"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, subscription: Subscription, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.TypedChoiceField, self.fields["months"])
        field.choices = [(months, _pause_label(subscription, months)) for months in range(1, SellingRules.load().pause_months + 1)]


def _pause_label(subscription: Subscription, months: int) -> str:
    words = ngettext("%(months)d month, until %(date)s", "%(months)d months, until %(date)s", months)
    date = timezone.localtime(end_of_pause(subscription, months))
    return words % {"months": months, "date": date_format(date, "DATE_FORMAT")}


def safe_origin(origin: str) -> str:
    """Return a slug as it is, and nothing for whatever else it may be."""
    return origin if ORIGIN.fullmatch(origin) else ""


def safe_path(path: str) -> str:
    """Return a path of this site as it is, and nothing for whatever else it may be."""
    is_path = path.startswith("/") and len(path) <= MAX_PATH_LENGTH and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_path else ""
