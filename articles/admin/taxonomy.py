"""Sections, tags and series."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from articles.access_changes import follow_section
from articles.models import Section, SectionPlan, Series, SeriesEntry, Tag
from articles.tiers import RESERVED


class PlanInline(TabularInline):
    """The plans that a section is reserved for."""

    model = SectionPlan
    fields = ("plan",)
    extra = 0


@admin.register(Section)
class SectionAdmin(ModelAdmin):
    """Sections: the parts of the magazine."""

    list_display = ("name", "character", "parent", "default_access", "front_style", "is_in_navigation", "position")
    list_editable = ("position", "is_in_navigation")
    list_filter = ("default_access", "is_in_navigation")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("parent", "call_to_action")
    prepopulated_fields = {"slug": ("name",)}
    exclude = ("source_id",)
    inlines = (PlanInline,)

    def save_model(self, request: HttpRequest, obj: Section, form: ModelForm, change: bool) -> None:
        """Save, and let its articles follow its rules of access."""
        super().save_model(request, obj, form, change)
        if change:
            follow_section(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save, and have every process look again which plans open what."""
        super().save_related(request, form, formsets, change)
        transaction.on_commit(RESERVED.forget)


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    """Tags: subjects that articles share."""

    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    exclude = ("source_id",)


class EntryInline(TabularInline):
    """The articles of a series, in order."""

    model = SeriesEntry
    fields = ("article", "position")
    autocomplete_fields = ("article",)
    ordering_field = "position"
    extra = 0


@admin.register(Series)
class SeriesAdmin(ModelAdmin):
    """Series: collections with a page of their own."""

    list_display = ("title", "slug", "created_at")
    search_fields = ("title", "slug")
    prepopulated_fields = {"slug": ("title",)}
    autocomplete_fields = ("image",)
    inlines = (EntryInline,)
