"""Letters to one reader: written once as text, sent as text and as HTML in the magazine's dress."""

from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from magazine.models import Identity


def send_letter(name: str, *, to: str, context: dict[str, Any], language: str = "") -> None:
    """Send the letter of `templates/<name>.{subject.txt,txt}`, in the present language or another."""
    context = context | {"identity": Identity.load()}
    with translation.override(language or translation.get_language()):
        subject = " ".join(render_to_string(f"{name}.subject.txt", context).split())
        mail = EmailMultiAlternatives(subject, render_to_string(f"{name}.txt", context).strip(), to=[to])
        dress(mail, context)
    mail.send()


def dress(mail: EmailMultiAlternatives, context: dict[str, Any]) -> None:
    """Add the HTML part to a letter: its paragraphs; a code that stands alone is set large, an address becomes a button."""
    texts = [text.strip() for text in str(mail.body).split("\n\n") if text.strip()]
    paragraphs = [(_kind(text, context), text) for text in texts]
    html = render_to_string("account/email/letter.html", context | {"subject": mail.subject, "paragraphs": paragraphs})
    mail.attach_alternative(html, "text/html")


def _kind(text: str, context: dict[str, Any]) -> str:
    if text == context.get("code"):
        return "code"
    return "button" if text.startswith(("https://", "http://")) and len(text.split()) == 1 else "text"
