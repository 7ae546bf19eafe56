"""The people behind the articles."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from articles.models import Person


@admin.register(Person)
class PersonAdmin(ModelAdmin):
    """People: bylines, with or without an account."""

    list_display = ("name", "native_name", "role_title", "credit_count", "user")
    search_fields = ("name", "native_name", "slug", "email")
    list_select_related = ("user",)
    autocomplete_fields = ("picture",)
    raw_id_fields = ("user",)
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": (("name", "native_name"), "slug", "role_title", "bio", ("seal", "picture"))}),
        (_("Elsewhere"), {"fields": ("email", "links", "user")}),
    )

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Show accounts, which may say no more than an address, to those who look after accounts."""
        return self.list_display if _sees_accounts(request) else self.list_display[:-1]

    def get_exclude(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """Leave the account out of the form for everybody else."""
        return () if _sees_accounts(request) else ("user",)

    def get_fieldsets(self, request: HttpRequest, obj: Person | None = None) -> Any:
        """Return the parts of the form, without the account for everybody else."""
        who, elsewhere = self.fieldsets
        fields = ("email", "links", "user") if _sees_accounts(request) else ("email", "links")
        return (who, (elsewhere[0], {"fields": fields}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        """Return people with the number of their credits."""
        return super().get_queryset(request).annotate(credit_count=Count("credits"))

    @display(description=_("credits"), ordering="credit_count")
    def credit_count(self, person: Person) -> int:
        """Return how often somebody is credited."""
        return person.credit_count  # type: ignore[attr-defined]


def _sees_accounts(request: HttpRequest) -> bool:
    return request.user.has_perm("accounts.view_user")
