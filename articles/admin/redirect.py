"""Old addresses."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from articles.models import Redirect


@admin.register(Redirect)
class RedirectAdmin(ModelAdmin):
    """Redirects: old addresses that answer 301."""

    list_display = ("old_path", "article", "new_path", "created_at")
    list_select_related = ("article",)
    search_fields = ("old_path", "new_path", "article__title")
    autocomplete_fields = ("article",)
    date_hierarchy = "created_at"
