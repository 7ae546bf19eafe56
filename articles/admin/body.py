"""How a body is written: as its HTML, which loses nothing, or in an editor, for bodies that the editor keeps whole."""

from typing import Any

from django import forms
from django.forms import Script
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_prose_editor.widgets import prose_editor_admin_media
from unfold.widgets import UnfoldAdminTextareaWidget


class BodyWidget(UnfoldAdminTextareaWidget):
    """A text area with the stored HTML; script puts the editor beside it."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 24, "spellcheck": "true", "aria-label": _("Body"), **(attrs or {}), "data-body": ""})

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the text area with its toolbar, which script shows."""
        return render_to_string("admin/articles/body_widget.html", {"textarea": super().render(name, value, attrs, renderer)})

    @property
    def media(self) -> forms.Media:
        """Return the editor's own files and ours."""
        return prose_editor_admin_media + forms.Media(js=[Script("js/newsroom/body.js", type="module")])  # type: ignore[list-item]
