"""What is sold, and in which words."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from billing.catalogue import replace_price
from billing.models import Plan, Price, Question, SubscriptionSettings


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
