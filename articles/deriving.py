"""Make what readers get from what an editor wrote, once, on save."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation

from articles.body.languages import mark_text
from articles.body.rendering import render_body
from articles.body.resolving import SiteResolver

if TYPE_CHECKING:
    from articles.models import Article


def derive(article: "Article") -> None:
    """Set every derived field of an article, without saving it."""
    with translation.override(language_of_labels(article.language)):
        rendered = render_body(article.body, language=article.language, resolver=SiteResolver(), id_prefix=article.slug)
    article.title_html = mark_text(article.title, language=article.language)
    article.standfirst_html = mark_text(article.standfirst, language=article.language)
    article.body_html = rendered.body
    article.notes_html = rendered.notes
    article.preview_html = rendered.preview
    article.preview_notes_html = rendered.preview_notes
    article.is_cut = rendered.is_cut
    article.words = rendered.words
    article.reading_minutes = rendered.reading_minutes
    article.outline = rendered.outline
    article.text = rendered.text
    article.preview_text = rendered.preview_text


def language_of_labels(language: str) -> str:
    """Return which catalogue the labels within a text (notes, references, buttons) come from; never that of who saves it."""
    try:
        return translation.get_supported_language_variant(language)
    except LookupError:
        return settings.LANGUAGE_CODE
