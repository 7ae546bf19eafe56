"""Addresses of our pages as mails, Stripe and feeds need them."""

from django.conf import settings
from django.urls import reverse


def whole_address(name: str, *args: object) -> str:
    """Return the whole address of a page, with scheme and host."""
    return settings.SITE_URL + reverse(name, args=args)
