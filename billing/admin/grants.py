"""What readers hold without paying."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from billing.models import Grant

COMP_DAYS = 365


@admin.register(Grant)
class GrantAdmin(ModelAdmin):
    """Give and end complimentary access."""

    list_display = ("user", "kind", "plan", "reason", "starts_at", "ends_at", "given_by")
    list_filter = ("kind", "plan")
    list_select_related = ("user", "given_by", "plan")
    search_fields = ("user__email", "user__name", "reason")
    raw_id_fields = ("user",)
    actions = ("end_now",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose a year."""
        return {"ends_at": timezone.now() + timedelta(days=COMP_DAYS), **super().get_changeform_initial_data(request)}

    def get_form(self, request: HttpRequest, obj: Grant | None = None, change: bool = False, **kwargs: Any) -> type[forms.ModelForm]:
        """Ask why; whoever looks at it in a year wants to know."""
        form: type[forms.ModelForm] = super().get_form(request, obj, change=change, **kwargs)
        if "reason" in form.base_fields:
            form.base_fields["reason"].required = True
        return form

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        """Remember who gave it."""
        if not change:
            obj.given_by_id = request.user.pk
        super().save_model(request, obj, form, change)

    @admin.action(description=_("End now"), permissions=["change"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[Grant]) -> None:
        """Close what is open; what has not begun is left to be deleted."""
        count = queryset.filter(pk__in=Grant.objects.in_force().values("pk")).update(ends_at=timezone.now())
        says = ngettext("%(count)d access was ended.", "%(count)d accesses were ended.", count)
        messages.success(request, says % {"count": count})
