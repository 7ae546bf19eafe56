"""Tags of an article's own page."""

from datetime import datetime
from urllib.parse import urlsplit

from django import template
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from articles.body.languages import mark_text
from articles.structured_data import absolute

register = template.Library()

# Zones that people call by another place than the database of zones does.
ZONE_NAMES = {"Asia/Shanghai": _("Beijing"), "Asia/Chongqing": _("Beijing"), "Asia/Kolkata": _("India"), "UTC": "UTC"}


@register.simple_tag
def moment(value: datetime, *, names_zone: bool = False) -> SafeString:
    """Write a moment in the site's zone, which is named where it is the first of the page."""
    local = timezone.localtime(value)
    written = format_date(local, pgettext("date and time", "j F Y, H:i"))
    zone = f" {zone_name(str(local.tzinfo))}" if names_zone else ""
    return format_html('<time datetime="{}">{}{}</time>', local.isoformat(timespec="minutes"), written, zone)


def zone_name(key: str) -> str:
    """Return what people call a time zone: the city of its key."""
    return str(ZONE_NAMES.get(key) or "") or key.rsplit("/", 1)[-1].replace("_", " ")


@register.filter
def marked(text: str) -> SafeString:
    """Return plain text with its languages marked."""
    return mark_text(text)


@register.filter(name="absolute")
def absolute_filter(path: str) -> str:
    """Return an address of the site with its scheme and host."""
    return absolute(path)


@register.filter
def public_links(links: object) -> list[dict[str, str]]:
    """Return the links of a person that can be shown: those with a label and a web address."""
    entries = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    return [link for link in entries if link.get("label") and urlsplit(str(link.get("url", ""))).scheme in ("http", "https")]
