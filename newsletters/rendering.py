"""Make an issue's mail: once for everybody, with marks where each recipient's own addresses go."""

from functools import cache
from pathlib import Path

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from lxml import html as lxml_html

from articles.body.rendering import render_body
from articles.body.resolving import SiteResolver
from magazine.models import Identity
from newsletters.models import Issue

UNSUBSCRIBE_MARK = "https://masthead.invalid/unsubscribe/"
PREFERENCES_MARK = "https://masthead.invalid/preferences/"
BLOCKS = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "li",
    "blockquote",
    "figure",
    "figcaption",
    "aside",
    "tr",
    "table",
    "ul",
    "ol",
    "div",
    "section",
    "dt",
    "dd",
}


def render_issue(issue: Issue) -> None:
    """Set an issue's web and mail texts from its body, without saving it."""
    rendered = render_body(issue.body, language="en", resolver=SiteResolver())
    issue.body_html = rendered.body + rendered.notes
    issue.preview_html = rendered.preview
    context = {
        "issue": issue,
        "newsletter": issue.newsletter,
        "identity": Identity.load(),
        "site_url": settings.SITE_URL,
        "body": absolute(issue.body_html),
        "text": to_text(issue.body_html),
        "web_url": settings.SITE_URL + issue.get_absolute_url(),
        "unsubscribe_url": UNSUBSCRIBE_MARK,
        "preferences_url": PREFERENCES_MARK,
    }
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
    issue.mail_html = inliner.inline(render_to_string("newsletters/mail/issue.html", context | {"styles": mail_styles()}))
    issue.mail_text = render_to_string("newsletters/mail/issue.txt", context)


@cache
def mail_styles() -> str:
    """Return the style sheet of the mails."""
    return Path(settings.BASE_DIR / "templates" / "newsletters" / "mail" / "styles.css").read_text()


def absolute(fragment: str) -> str:
    """Return HTML whose addresses name this site in full, without what mail programs can't do (scripts, popovers, lazy pictures)."""
    root = lxml_html.fragment_fromstring(fragment, create_parent="div")
    for element in root.iter():
        for attribute in ("href", "src"):
            value = element.get(attribute)
            if value and value.startswith("/"):
                element.set(attribute, settings.SITE_URL + value)
        for attribute in ("srcset", "sizes", "loading", "popovertarget", "data-embed", "fetchpriority"):
            element.attrib.pop(attribute, None)
    return _inner(root)


def to_text(fragment: str) -> str:
    """Return HTML as plain text: paragraphs apart, links behind their words."""
    root = lxml_html.fragment_fromstring(fragment or "<p></p>", create_parent="div")
    for link in root.iter("a"):
        target = link.get("href", "")
        if target.startswith(("http", "/")):
            address = settings.SITE_URL + target if target.startswith("/") else target
            link.tail = f" ({address})" + (link.tail or "")
    for element in root.iter():
        if element.tag == "br":
            element.tail = "\n" + (element.tail or "")
        elif element.tag == "li":
            element.text = "- " + (element.text or "")
        if element.tag in BLOCKS:
            element.tail = "\n\n" + (element.tail or "")
    lines = [" ".join(line.split()) for line in root.text_content().split("\n")]
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()


def _inner(root: lxml_html.HtmlElement) -> str:
    return (root.text or "") + "".join(lxml_html.tostring(child, encoding="unicode") for child in root)
