"""Tags for cards: an article as it stands in a list, with its picture, byline, date and marks."""

from dataclasses import dataclass
from datetime import datetime

from django import template
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, pgettext
from django.utils.translation import gettext as _

from articles.models import Article, Credit, Image, Person
from articles.models.access_levels import Access

register = template.Library()

SIZES_COLUMN = "(min-width: 64em) 25vw, 50vw"
SIZES_HALF = "(min-width: 64em) 50vw, 100vw"
SIZES_LEAD = "(min-width: 64em) 60vw, 100vw"
MIDDLE_PER_CENT = 50
FOCUS_STEP_PER_CENT = 10
BEHIND_A_SUBSCRIPTION = (Access.METERED, Access.PREMIUM)


@dataclass(frozen=True, slots=True)
class Byline:
    """Whom a byline names."""

    authors: list[Person]
    contributors: list[Person]


@register.inclusion_tag("_card.html")
def card(
    article: Article,
    *,
    style: str = "",
    heading: str = "h3",
    kicker: bool = True,
    dek: bool = True,
    art: bool = True,
    year: bool = False,
    note: str = "",
    sizes: str = SIZES_COLUMN,
) -> dict[str, object]:
    """Show an article as a card; `style` names modifiers of card.css (row, thumb, small, mid, large), `note` replaces the date."""
    return {
        "article": article,
        "modifiers": "".join(f" card--{name}" for name in style.split()),
        "heading": heading,
        "kicker": kicker,
        "dek": dek,
        "art": art and article.lead_image is not None,
        "year": year,
        "note": note,
        "sizes": sizes,
        "image": article.lead_image,
    }


@register.inclusion_tag("_byline.html")
def byline(article: Article, *, year: bool = False, mark: bool = False, note: str = "", dated: bool = True) -> dict[str, object]:
    """Say who made an article, when, and how many comments it has; `mark` adds the premium mark."""
    return {"article": article, "people": people_of(article), "year": year, "mark": mark, "note": note, "dated": dated}


def people_of(article: Article) -> Byline:
    """Return whom the byline names: the authors, and those who reported with them."""
    credits = article.ordered_credits
    return Byline(
        authors=[credit.person for credit in credits if credit.role == Credit.Role.AUTHOR],
        contributors=[credit.person for credit in credits if credit.role == Credit.Role.CONTRIBUTOR],
    )


@register.inclusion_tag("_picture.html")
def picture(image: Image, *, alt: str = "", sizes: str = SIZES_COLUMN, is_first: bool = False) -> dict[str, object]:
    """Show a picture in the renditions made so far; `is_first` for the one that is seen before scrolling."""
    return {
        "image": image,
        "alt": alt or image.alt,
        "sizes": sizes,
        "is_first": is_first,
        "focus_x": focus(image.focal_x),
        "focus_y": focus(image.focal_y),
    }


def focus(per_cent: int) -> int | None:
    """Return a focal point in the steps that card.css knows; None for the middle."""
    step = round(per_cent / FOCUS_STEP_PER_CENT) * FOCUS_STEP_PER_CENT
    return None if step == MIDDLE_PER_CENT else step


@register.simple_tag
def headline(article: Article) -> SafeString:
    """Return the headline with its languages marked; escaped where it was saved in bulk and never derived."""
    return mark_safe(article.title_html) if article.title_html else format_html("{}", article.title)  # noqa: S308 - made on save


@register.simple_tag
def dek(article: Article) -> SafeString:
    """Return the standfirst with its languages marked."""
    if article.standfirst_html:
        return mark_safe(article.standfirst_html)  # noqa: S308 - made on save
    return format_html("{}", article.standfirst)


@register.simple_tag
def lang_of(article: Article) -> SafeString:
    """Return a `lang` attribute where an article's language isn't the page's; always for Chinese, which has its own typography."""
    if is_foreign(article) or primary(article.language) == "zh":
        return format_html(' lang="{}"', article.language)
    return SafeString()


@register.simple_tag
def name_in(article: Article, person: Person) -> SafeString:
    """Return a person's name as the article's language writes it."""
    if article.language.startswith("zh") and person.native_name:
        return format_html('<span lang="{}">{}</span>', article.language, person.native_name)
    return format_html("{}", person.name)


@register.filter
def language_note(article: Article) -> str:
    """Say which language awaits the reader, where it isn't the page's."""
    if not is_foreign(article):
        return ""
    notes = {"zh": _("in Chinese"), "en": _("in English")}
    if note := notes.get(primary(article.language)):
        return note
    try:
        return _("in %(language)s") % {"language": get_language_info(primary(article.language))["name_translated"]}
    except KeyError:
        return _("in another language")


@register.filter
def needs_subscription(article: Article) -> bool:
    """Say whether the premium mark stands beside an article."""
    return article.access_now in BEHIND_A_SUBSCRIPTION


@register.filter
def day(moment: datetime | None, with_year: bool = False) -> str:
    """Return a day as people say it; with the year where asked for or where it isn't this one."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    if with_year or local.year != timezone.localdate().year:
        return format_date(local, pgettext("date with year", "j F Y"))
    return format_date(local, pgettext("date without year", "j F"))


@register.filter
def clock(moment: datetime) -> str:
    """Return the clock time of something of today, else its short date."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return format_date(local, "H:i")
    return format_date(local, pgettext("short date", "j M"))


def is_foreign(article: Article) -> bool:
    """Say whether an article's language isn't that of the page."""
    return primary(article.language) != primary(get_language() or "en")


def primary(code: str) -> str:
    """Return the primary subtag of a language code."""
    return code.replace("_", "-").split("-")[0].lower()
