"""The front page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from articles.models import FrontSlot
from magazine.public_pages import forget_public_pages_on_commit


@admin.register(FrontSlot)
class FrontSlotAdmin(ModelAdmin):
    """The front page: what the editor placed; the rest fills itself."""

    list_display = ("article", "rank", "position")
    list_editable = ("rank", "position")
    list_select_related = ("article",)
    autocomplete_fields = ("article",)

    def save_model(self, request: HttpRequest, obj: FrontSlot, form: Any, change: bool) -> None:
        """Save, and let readers see it."""
        super().save_model(request, obj, form, change)
        forget_public_pages_on_commit()

    def delete_model(self, request: HttpRequest, obj: FrontSlot) -> None:
        """Clear the place, and let readers see it."""
        super().delete_model(request, obj)
        forget_public_pages_on_commit()
