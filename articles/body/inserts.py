"""What stands inside the text and is not the text: embeds, cards of other articles, appeals and glosses."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext

from articles.body.embeds import find_embed
from articles.body.identifiers import Identifiers
from articles.body.languages import PINYIN, han_language, language_runs
from articles.body.pictures import image_element
from articles.body.resolver import Resolver
from articles.body.tree import Element, Node, build, text_of

Inline = Callable[[Sequence[Node]], list[Node]]

_CARD_SIZES = "8rem"


def render_embed(figure: Element) -> list[Node]:
    """Return a block that loads another site only after a click, and leads there without script."""
    embed = find_embed(figure.attrs.get("data-embed", ""))
    if embed is None:
        return []
    caption = text_of(child for child in figure.elements() if child.tag == "figcaption").strip()
    title = caption or _titles()[embed.kind] % {"site": embed.provider}
    if embed.frame is None:
        return [build("p", build("a", title, href=embed.watch))]
    warning = gettext("Playing it loads %(host)s, which may set cookies.") % {"host": embed.host}
    button = build("a", _actions()[embed.kind], class_="button button--plain", href=embed.watch)
    return [build("div", build("p", title, class_="line"), build("p", warning), button, class_="embed note", data_embed=embed.frame)]


def _titles() -> dict[str, str]:
    return {"video": gettext("A film on %(site)s"), "audio": gettext("A recording on %(site)s"), "post": gettext("A post on %(site)s")}


def _actions() -> dict[str, str]:
    return {"video": gettext("Play the film"), "audio": gettext("Play the recording"), "post": gettext("Show the post")}


def render_also(aside: Element, resolver: Resolver) -> list[Node]:
    """Return the card of another article, nothing while it isn't public."""
    card = resolver.article(aside.attrs.get("data-article", ""))
    if card is None:
        return []
    picture = build("div", image_element(card.image, sizes=_CARD_SIZES, alt="")) if card.image else None
    link = build("a", card.title, href=card.url, lang=card.language if card.language != "en" else None)
    return [build("aside", picture, build("div", build("p", gettext("Also read"), class_="note"), link), class_="also bare")]


def render_appeal(aside: Element, resolver: Resolver, inline: Inline) -> list[Node]:
    """Return the appeal with the words of the editor or those of the settings; nothing when the magazine makes none."""
    appeal = resolver.appeal()
    if appeal is None:
        return []
    words = inline(aside.children) or [appeal.text]
    seal = build("span", appeal.seal, class_="seal", lang=_language_of(appeal.seal), aria_hidden="true") if appeal.seal else None
    buttons = [
        build("a", button.label, class_="tap" if position else "button", href=button.url) for position, button in enumerate(appeal.buttons)
    ]
    actions = build("div", *buttons) if buttons else None
    return [build("aside", seal, build("p", *words, class_="line"), actions, class_="appeal", aria_label=gettext("Support"))]


def render_gloss(aside: Element, inline: Inline) -> list[Node]:
    """Return a dictionary entry for the margin."""
    head = next((child for child in aside.elements() if child.tag == "b"), None)
    rest = [child for child in aside.children if child is not head]
    pinyin = aside.attrs.get("data-pinyin")
    reading = build("i", pinyin, lang=PINYIN) if pinyin else None
    name = ", ".join(part for part in (text_of([head]).strip() if head else "", pinyin) if part) or gettext("Gloss")
    return [build("aside", *(inline([head]) if head else []), build("div", reading, *inline(rest)), class_="gloss", aria_label=name)]


def render_term(span: Element, ids: Identifiers, inline: Inline) -> list[Node]:
    """Return a word as a button, and the card that it opens."""
    word = inline(span.children)
    card = ids.next("term-")
    pinyin, gloss = span.attrs.get("data-pinyin"), span.attrs.get("data-gloss")
    text = text_of(span.children).strip()
    button = build("button", *word, class_="term", type="button", popovertarget=card, lang=span.attrs.get("lang"))
    reading = build("i", pinyin, lang=PINYIN) if pinyin else None
    head = build("b", text, lang=span.attrs.get("lang"))
    return [button, build("span", head, reading, *([gloss] if gloss else []), class_="term-card", popover="", id=card)]


def _language_of(text: str) -> str | None:
    return han_language(text) if language_runs(text) else None
