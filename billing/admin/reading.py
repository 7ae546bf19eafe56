"""Lists that Stripe writes and the newsroom reads."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from billing.models import Customer
from billing.stripe_client import StripeCallError
from billing.synchronising import synchronise_customer


def day_of(moment: datetime | None) -> str:
    """Write the day of a moment on one line: lists have no room for hours."""
    # Translators: a day in a narrow column, by Django's letters for the parts of a date.
    short = gettext("j M Y")
    return date_format(timezone.localdate(moment), short).replace(" ", "\N{NO-BREAK SPACE}") if moment else ""


class ReadOnlyAdmin(ModelAdmin):
    """Show rows that only Stripe may change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: rows come from Stripe."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what Stripe says is not edited here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: these rows are the record of what was paid."""
        return False


def synchronise(request: HttpRequest, customers: QuerySet[Customer]) -> None:
    """Fetch customers from Stripe now, and say how it went."""
    done = 0
    for customer in customers:
        try:
            synchronise_customer(customer)
        except StripeCallError as error:
            words = _("%(customer)s: Stripe did not answer as hoped (%(error)s). Try again later.")
            messages.error(request, words % {"customer": customer, "error": error})
            return
        done += 1
    messages.success(request, ngettext("%(count)d customer is up to date.", "%(count)d customers are up to date.", done) % {"count": done})


class SynchronisingAdmin(ReadOnlyAdmin):
    """Offer to fetch rows from Stripe now."""

    actions = ("synchronise_now",)

    @admin.action(description=_("Synchronise with Stripe now"), permissions=["synchronise"])
    def synchronise_now(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Fetch whom the chosen rows belong to."""
        key = "pk" if queryset.model is Customer else self.customer_path
        synchronise(request, Customer.objects.select_related("user").filter(**{f"{key}__in": queryset}))

    customer_path = "subscriptions"

    def has_synchronise_permission(self, request: HttpRequest) -> bool:
        """Let those who look after customers fetch them from Stripe."""
        return request.user.has_perm("billing.change_customer")
