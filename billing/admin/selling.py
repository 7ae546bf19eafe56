"""What is sold, and in which words."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from billing.catalogue import is_at_stripe, notes_on, push_plan, push_plan_anew, replace_price
from billing.models import Plan, Price, Question, SubscriptionSettings
from billing.stripe_client import StripeCallError
from magazine.one_row_admin import OneRowAdmin


class PriceFormSet(BaseInlineFormSet):
    """Prices of a plan: one that Stripe knows is never changed, but followed by another."""

    def save_existing(self, form: Any, obj: Price, commit: bool = True) -> Price:
        """Put a new price on sale where a known one was changed."""
        if obj.stripe_price_id and set(form.changed_data) & {"amount", "interval", "currency", "for_students"}:
            return replace_price(obj)
        saved: Price = super().save_existing(form, obj, commit)
        return saved


class PriceInline(TabularInline):
    """The prices of a plan, those on sale."""

    model = Price
    formset = PriceFormSet
    extra = 0
    can_delete = False
    fields = ("interval", "currency", "amount", "trial_days", "is_least", "suggestions", "for_students", "is_current")
    verbose_name_plural = _("prices; a new amount is for new readers, who pays the old one keeps it")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Price]:
        """Leave out prices of the past, which nobody may change."""
        found: QuerySet[Price] = super().get_queryset(request)
        return found.filter(is_current=True)


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """Edit what is sold."""

    list_display = ("name", "is_on_sale", "is_recommended", "position", "is_at_stripe")
    list_editable = ("position",)
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("stands_at_stripe",)
    inlines = (PriceInline,)
    actions = ("push", "push_anew")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        """Fetch the prices too, which say whether Stripe knows them."""
        found: QuerySet[Plan] = super().get_queryset(request)
        return found.prefetch_related("prices")

    @admin.display(description=_("at Stripe"), boolean=True)
    def is_at_stripe(self, obj: Plan) -> bool:
        """Say whether Stripe sells what stands here."""
        return is_at_stripe(obj)

    @admin.display(description=_("at Stripe"))
    def stands_at_stripe(self, obj: Plan) -> SafeString | str:
        """Say how Stripe's product and prices differ from what stands here, and what to do."""
        return format_html_join("", "<div>{}</div>", ((note,) for note in notes_on(obj))) if obj.pk else "–"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Push the plan once it is kept: Stripe is no part of the transaction."""
        super().save_related(request, form, formsets, change)
        transaction.on_commit(lambda: push(request, form.instance))

    def has_push_permission(self, request: HttpRequest) -> bool:
        """Let those who change plans push them."""
        return request.user.has_perm("billing.change_plan")

    @admin.action(description=_("Push to Stripe"), permissions=["push"])
    def push(self, request: HttpRequest, queryset: QuerySet[Plan]) -> None:
        """Bring Stripe to what stands here."""
        for plan in queryset:
            if not push(request, plan):
                return

    @admin.action(description=_("Make anew at another Stripe account, as after the change from test to live"), permissions=["push"])
    def push_anew(self, request: HttpRequest, queryset: QuerySet[Plan]) -> None:
        """Make at Stripe what the account of our key doesn't know."""
        for plan in queryset:
            if not push(request, plan, by=push_plan_anew):
                return


def push(request: HttpRequest, plan: Plan, *, by: Callable[[Plan], None] = push_plan) -> bool:
    """Push a plan and say how it went."""
    try:
        by(Plan.objects.get(pk=plan.pk))
    except StripeCallError as error:
        words = _("%(plan)s is saved here, but not yet at Stripe (%(error)s). Try “Push to Stripe” later; until then it is sold as it was.")
        messages.warning(request, words % {"plan": plan, "error": error})
        return False
    messages.success(request, _("%(plan)s: Stripe sells what stands here.") % {"plan": plan})
    return True


class QuestionInline(StackedInline):
    """What readers ask before they subscribe."""

    model = Question
    extra = 0


@admin.register(SubscriptionSettings)
class SubscriptionSettingsAdmin(OneRowAdmin):
    """Edit the words of the subscription page."""

    inlines = (QuestionInline,)
