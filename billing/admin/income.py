"""What the magazine earns, on one page of the newsroom."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing import metrics
from billing.admin.reading import ReadOnlyAdmin
from billing.models import Kind, SubscriptionSettings, Term
from billing.models.plans import display_amount


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of the chart: what it came to, and its share of the highest, in percent."""

    month: object
    words: str
    share: int


@admin.register(Term)
class TermAdmin(ReadOnlyAdmin):
    """Look at the ledger, and at what it comes to."""

    list_display = ("user", "plan", "currency", "annual_amount", "is_trial", "starts_at", "begins_as", "ends_at", "ends_as")
    list_filter = ("begins_as", "ends_as", "is_trial", "currency", "plan")
    list_select_related = ("user", "plan")
    search_fields = ("user__email", "user__name", "subscription__stripe_id")
    date_hierarchy = "starts_at"
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        """Add the page of numbers."""
        income = path("income/", self.admin_site.admin_view(self.income_view), name="billing_income")
        return [income, *super().get_urls()]

    def income_view(self, request: HttpRequest) -> HttpResponse:
        """Show MRR, movements, trials, revenue and where readers subscribed, in one currency."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        months = metrics.months_until(now)
        by_currency = metrics.revenue_by_month(months, now=now)
        own = SubscriptionSettings.load().currency
        currencies = sorted(by_currency) or [own]
        asked = request.GET.get("currency", own)
        currency = asked if asked in currencies else currencies[0]
        amounts = by_currency.get(currency, [0] * len(months))
        movements = metrics.movements_by_month(months)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Income"),
            "opts": self.opts,
            "currency": currency,
            "currencies": currencies,
            "mrr": display_amount(amounts[-1], currency),
            "running": metrics.subscriptions_running(now),
            "bars": _bars(months, amounts, currency),
            "rows": list(zip(reversed(movements), [display_amount(amount, currency) for amount in reversed(amounts)], strict=True)),
            "this_month": movements[-1],
            "since": months[0],
            "revenue": [_revenue_row(found) for found in metrics.revenue_since(months[0])],
            "sources": metrics.sources_since(months[0]),
        }
        return render(request, "admin/billing/income.html", context)


def _bars(months: list[Any], amounts: list[int], currency: str) -> list[Bar]:
    highest = max(amounts, default=0) or 1
    pairs = zip(months, amounts, strict=True)
    return [Bar(month, display_amount(amount, currency), round(100 * amount / highest)) for month, amount in pairs]


def _revenue_row(found: metrics.Revenue) -> tuple[str, str, str]:
    return found.plan or "–", str(Kind(found.kind).label), display_amount(found.amount, found.currency)
