"""Institutions in the newsroom."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from articles.institutions import OPENINGS
from articles.models import Institution, InstitutionDomain, InstitutionNetwork


class NetworkInline(TabularInline):
    """The networks of an institution."""

    model = InstitutionNetwork
    fields = ("network",)
    extra = 0


class DomainInline(TabularInline):
    """The email domains of an institution."""

    model = InstitutionDomain
    fields = ("domain",)
    extra = 0


@admin.register(Institution)
class InstitutionAdmin(ModelAdmin):
    """Institutions: their networks, domains and dates."""

    list_display = ("name", "starts_at", "ends_at")
    list_filter = ("starts_at", "ends_at")
    search_fields = ("name", "note", "domains__domain", "networks__network")
    inlines = (NetworkInline, DomainInline)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save, and have every process look again."""
        super().save_related(request, form, formsets, change)
        transaction.on_commit(OPENINGS.forget)

    def delete_model(self, request: HttpRequest, obj: Institution) -> None:
        """Delete, and have every process look again."""
        super().delete_model(request, obj)
        transaction.on_commit(OPENINGS.forget)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Institution]) -> None:
        """Delete, and have every process look again."""
        super().delete_queryset(request, queryset)
        transaction.on_commit(OPENINGS.forget)
