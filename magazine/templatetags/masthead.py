"""Tags of the frame: date line, characters beside names, Han inside plain text."""

import re
from datetime import date

from borax.calendars.lunardate import LunarDate
from django import template
from django.contrib.humanize.templatetags.humanize import apnumber
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

from magazine.early_script import EARLY_SCRIPT

register = template.Library()


@register.simple_tag
def early_script() -> SafeString:
    """Return the words of script that run before the first paint."""
    return mark_safe(EARLY_SCRIPT)  # noqa: S308 - our own constant


HAN_RUN = re.compile(r"[々〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")

PAIR = 2
# Pages in Chinese are tagged by region, so that rules for Chinese in the text (:lang(zh-Hans)) don't take hold of the furniture.
PAGE_LANGUAGES = {"zh-hans": "zh-CN", "zh-hant": "zh-TW"}


@register.filter
def page_lang(code: str) -> str:
    """Return the language of the page's furniture for `<html lang>`."""
    return PAGE_LANGUAGES.get(code, code)


@register.simple_tag
def character(text: str) -> SafeString:
    """Set a section's character beside its name, silently for screen readers; nothing for a section without one."""
    if not text:
        return SafeString()
    return format_html('<span class="han"{} aria-hidden="true">{}</span>', han_lang(text), text)


@register.simple_tag
def han_lang(text: str) -> SafeString:
    """Return a `lang` attribute for text with Han characters, else nothing."""
    return mark_safe(' lang="zh-Hans"') if has_han(text) else SafeString()


@register.filter
def has_han(text: str) -> bool:
    """Say whether text holds Han characters."""
    return HAN_RUN.search(text) is not None


@register.simple_tag
def han(text: str) -> SafeString:
    """Escape plain text and mark its runs of Han characters with their language."""
    marked = HAN_RUN.sub(r'<span lang="zh-Hans">\g<0></span>', conditional_escape(text))
    return mark_safe(marked)  # noqa: S308 - escaped above


@register.simple_tag
def breakable(address: str) -> SafeString:
    """Let an email address break after its @."""
    return mark_safe(conditional_escape(address).replace("@", "@<wbr>"))  # noqa: S308 - escaped above


@register.inclusion_tag("_dateline.html", takes_context=True)
def dateline(context: template.Context) -> dict[str, object]:
    """Show today's date in the site's zone, with the lunar date where the magazine wants it."""
    today = timezone.localdate()
    return {"today": today, "lunar": lunar_date(today) if context["identity"].shows_lunar_date else ""}


def lunar_date(day: date) -> str:
    """Return a day in the Chinese calendar, such as 丙午年四月廿二; empty outside 1900 to 2100."""
    try:
        lunar = LunarDate.from_solar(day)
    except ValueError:
        return ""
    return f"{lunar.gz_year}年{'闰' if lunar.leap else ''}{lunar.cn_month}月{lunar.cn_day}"


@register.simple_tag
def gloss(text: str) -> SafeString:
    """Show the gloss of a character; what stands before a colon is its reading."""
    reading, colon, meaning = text.partition(":")
    if not colon:
        return han(text)
    return format_html('<span lang="zh-Latn">{}</span>:{}', reading, han(meaning))


@register.filter
def is_web_address(url: object) -> bool:
    """Say whether a link from a free field leads to the web."""
    return isinstance(url, str) and url.startswith(("https://", "http://"))


@register.filter
def in_words(count: int) -> str:
    """Return a small number as a word before what is counted; Chinese has a two of its own for that place."""
    return pgettext("before what is counted", "two") if count == PAIR else str(apnumber(count))


@register.filter
def month_name(day: date) -> str:
    """Return a month with its year."""
    return format_date(day, pgettext("month and year", "F Y"))
