"""What a reader may choose when they buy: never the amount."""

import re

from django import forms
from django.utils.http import url_has_allowed_host_and_scheme

from billing.models import Price

MAX_PATH_LENGTH = 500
# What led somebody here, as whoever links here calls it: a slug.
ORIGIN = re.compile(r"[-\w]{1,50}", re.ASCII)


class ChoiceForm(forms.Form):
    """How often a reader pays, in which currency, and where they came from."""

    interval = forms.ChoiceField(choices=Price.Interval.choices)
    currency = forms.RegexField(r"^[A-Z]{3}$")
    next = forms.CharField(required=False)
    came_from = forms.CharField(required=False)

    def clean_next(self) -> str:
        """Keep a path of this site, and drop anything else."""
        return safe_path(self.cleaned_data["next"])

    def clean_came_from(self) -> str:
        """Keep a slug, and drop anything else."""
        return safe_origin(self.cleaned_data["came_from"])


def safe_origin(origin: str) -> str:
    """Return a slug as it is, and nothing for whatever else it may be."""
    return origin if ORIGIN.fullmatch(origin) else ""


def safe_path(path: str) -> str:
    """Return a path of this site as it is, and nothing for whatever else it may be."""
    is_path = path.startswith("/") and len(path) <= MAX_PATH_LENGTH and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_path else ""
