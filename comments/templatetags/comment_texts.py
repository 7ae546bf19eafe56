"""Show what readers wrote: plain text, in paragraphs, with its languages marked."""

import re

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import npgettext

from articles.body.languages import mark_text
from comments.models import Comment, CommentSettings

register = template.Library()


@register.filter
def paragraphs(text: str) -> SafeString:
    """Return escaped paragraphs; single line breaks stay."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    lines = ([mark_text(line) for line in block.splitlines()] for block in blocks)
    return format_html_join("", "<p>{}</p>", ((mark_safe("<br>".join(parts)),) for parts in lines))  # noqa: S308 - mark_text escapes


@register.filter
def floor_label(comment: Comment, settings: CommentSettings) -> str:
    """Return a comment's number as this magazine writes it, such as 3楼 or #3."""
    return f"{comment.floor}{settings.noun_mark}" if settings.noun_mark else f"#{comment.floor}"


@register.simple_tag
def comment_noun(count: int, settings: CommentSettings) -> str:
    """Return what so many comments are called here: one word, without the number."""
    if settings.noun_singular and settings.noun_plural:
        return settings.noun_singular if count == 1 else settings.noun_plural
    return npgettext("behind a number", "comment", "comments", count)
