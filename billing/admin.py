"""Billing in the newsroom: what is sold, who holds what, what Stripe said."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from billing.catalogue import replace_price
from billing.models import CheckoutAttempt, Customer, Grant, Plan, Price, Question, Subscription, SubscriptionSettings, WebhookEvent
from billing.stripe_client import StripeCallError
from billing.synchronising import synchronise_customer
from billing.tasks import process_event


class PriceFormSet(BaseInlineFormSet):
    """Prices of a plan: one that Stripe knows is never changed, but followed by another."""

    def save_existing(self, form: Any, obj: Price, commit: bool = True) -> Price:
        """Put a new price on sale where a known one was changed."""
        if obj.stripe_price_id and set(form.changed_data) & {"amount", "interval", "currency"}:
            return replace_price(obj)
        saved: Price = super().save_existing(form, obj, commit)
        return saved


class PriceInline(TabularInline):
    """The prices of a plan, those on sale."""

    model = Price
    formset = PriceFormSet
    extra = 0
    can_delete = False
    fields = ("interval", "currency", "amount", "is_current")
    verbose_name_plural = _("prices; a new amount is for new readers, who pays the old one keeps it")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Price]:
        """Leave out prices of the past, which nobody may change."""
        found: QuerySet[Price] = super().get_queryset(request)
        return found.filter(is_current=True)


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """Edit what is sold."""

    list_display = ("name", "is_on_sale", "is_recommended", "position")
    list_editable = ("position",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (PriceInline,)


class QuestionInline(StackedInline):
    """What readers ask before they subscribe."""

    model = Question
    extra = 0


@admin.register(SubscriptionSettings)
class SubscriptionSettingsAdmin(ModelAdmin):
    """Edit the words of the subscription page."""

    inlines = (QuestionInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow one row."""
        return not SubscriptionSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep the row."""
        return False


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


@admin.register(Customer)
class CustomerAdmin(SynchronisingAdmin):
    """Look at who is known to Stripe."""

    list_display = ("user", "stripe_id", "synchronised_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "stripe_id")


@admin.register(Subscription)
class SubscriptionAdmin(SynchronisingAdmin):
    """Look at what readers pay for."""

    list_display = ("user", "status", "price", "current_period_end", "cancel_at", "entitled_until", "synchronised_at")
    list_filter = ("status", "price__plan")
    list_select_related = ("user", "price__plan")
    search_fields = ("user__email", "user__name", "stripe_id", "customer__stripe_id")
    date_hierarchy = "started_at"


@admin.register(Grant)
class GrantAdmin(ModelAdmin):
    """Give and end complimentary access."""

    list_display = ("user", "kind", "reason", "starts_at", "ends_at", "given_by")
    list_filter = ("kind",)
    list_select_related = ("user", "given_by")
    search_fields = ("user__email", "user__name", "reason")
    raw_id_fields = ("user",)

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        """Remember who gave it."""
        if not change:
            obj.given_by_id = request.user.pk
        super().save_model(request, obj, form, change)


@admin.register(CheckoutAttempt)
class CheckoutAttemptAdmin(ReadOnlyAdmin):
    """Look at who went to pay, and whether they did."""

    list_display = ("user", "price", "status", "created_at", "closed_at")
    list_filter = ("status",)
    list_select_related = ("user", "price__plan")
    search_fields = ("user__email", "stripe_session_id")
    date_hierarchy = "created_at"


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """Look at what Stripe said, and do again what was given up."""

    list_display = ("kind", "object_id", "status", "attempts", "received_at", "done_at")
    list_filter = ("status", "kind")
    search_fields = ("stripe_id", "object_id", "kind")
    date_hierarchy = "received_at"
    actions = ("replay",)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Let those who look after events do them again."""
        return request.user.has_perm("billing.change_webhookevent")

    @admin.action(description=_("Do again"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
        """Put the chosen events back to work."""
        chosen = list(queryset.values_list("pk", flat=True))
        count = WebhookEvent.objects.filter(pk__in=chosen).replay()
        for event_id in chosen:
            process_event.delay(event_id)
        words = ngettext("%(count)d event is being done again.", "%(count)d events are being done again.", count)
        messages.success(request, words % {"count": count})
