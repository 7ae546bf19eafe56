"""The people behind the articles."""

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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        """Return people with the number of their credits."""
        return super().get_queryset(request).annotate(credit_count=Count("credits"))

    @display(description=_("credits"), ordering="credit_count")
    def credit_count(self, person: Person) -> int:
        """Return how often somebody is credited."""
        return person.credit_count  # type: ignore[attr-defined]
