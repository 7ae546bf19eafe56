"""An article's text as it can stand in a feed reader: what anybody may read, and every address whole."""

import re
from urllib.parse import urljoin

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from lxml import html

from articles.access import ANYBODY, Decision, Reader, Reason, decide
from articles.models import Article
from articles.structured_data import absolute
from articles.xml_text import writable

_ADDRESSES = ("href", "src", "poster", "data-embed")
# Nothing of these works outside our pages.
_SCRIPTED = ("popover", "popovertarget", "tabindex", "sizes")
_SRCSET_PART = re.compile(r"\s*(\S+)(\s+[^,]+)?(?:,|$)")


def feed_html(article: Article, *, reader: Reader = ANYBODY) -> SafeString:
    """Return lead picture, text and notes as far as a reader may read; of what is gated the preview, and where to read on."""
    decision = decide(article, reader)
    address = absolute(article.get_absolute_url())
    parts = [_lead_picture(article), _portable(article.body_for(decision), address), _portable(article.notes_for(decision), address)]
    if not decision.is_full:
        parts.append(_where_to_read_on(decision, address))
    return mark_safe("\n".join(part for part in parts if part))  # noqa: S308 - sanitised on save, or escaped here


def _lead_picture(article: Article) -> str:
    """Return the lead picture with its caption."""
    picture = article.lead_image
    if picture is None:
        return ""
    words = " ".join(part for part in (article.lead_caption, article.lead_credit) if part)
    caption = format_html("<figcaption>{}</figcaption>", words) if words else ""
    alt = article.lead_alt or picture.alt
    return writable(format_html('<figure><img src="{}" alt="{}">{}</figure>', absolute(picture.src), alt, caption))


def _where_to_read_on(decision: Decision, address: str) -> str:
    if decision.reason == Reason.NEEDS_ACCOUNT:
        line = _("The rest of this article is free to read with an account.")
    elif decision.reason == Reason.NEEDS_ANOTHER_PLAN:
        line = _("The rest of this article comes with another plan.")
    else:
        line = _("The rest of this article is for subscribers.")
    return format_html('<p>{} <a href="{}">{}</a></p>', line, address, _("Read on"))


def _portable(source: str, address: str) -> str:
    """Return HTML with whole addresses and without what needs our style sheet or script."""
    if not source.strip():
        return ""
    root = html.fragment_fromstring(writable(source), create_parent="div")
    for card in root.find_class("term-card"):
        _explain_in_title(root, card)
    for element in root.iter():
        for name in _ADDRESSES:
            if name in element.attrib:
                element.set(name, urljoin(address, element.get(name)))
        if "srcset" in element.attrib:
            element.set("srcset", _whole_srcset(element.get("srcset"), address))
        for name in _SCRIPTED:
            element.attrib.pop(name, None)
    return "".join(html.tostring(child, encoding="unicode") for child in root)


def _explain_in_title(root: html.HtmlElement, card: html.HtmlElement) -> None:
    """Turn a word with a card that opens into one with a title."""
    word, reading = card.find("b"), card.find("i")
    explained = card.text_content()[len(word.text_content()) if word is not None else 0 :]
    if reading is not None and reading.tail:
        explained = f"{reading.text_content()}: {reading.tail}"
    for button in root.xpath(".//button[@popovertarget=$id]", id=card.get("id", "")):
        button.tag = "span"
        button.attrib.pop("type", None)
        button.set("title", explained.strip())
    card.drop_tree()


def _whole_srcset(srcset: str, address: str) -> str:
    return ", ".join(urljoin(address, url) + width.rstrip() for url, width in _SRCSET_PART.findall(srcset))
