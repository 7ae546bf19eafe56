"""The pages on which a reader changes what they pay."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.catalogue import wanted_price
from billing.changing import (
    OutdatedPreviewError,
    address_to_pay_change,
    change_price,
    choices_for,
    ends_trial,
    is_at_once,
    keep_price,
    preview_change,
)
from billing.limits import is_one_preview_too_many, is_one_too_many
from billing.models import Price, Subscription
from billing.running import UnsettledError
from billing.students import sold_to
from billing.views.own_subscription import for_subscribers, reader_of, subscription_of
from billing.views.selling import too_often


@require_GET
@for_subscribers
def choose(request: HttpRequest) -> HttpResponse:
    """Show what the reader's subscription can be changed to."""
    row = subscription_of(request)
    if not row.is_settled:
        raise UnsettledError
    choices = [(price, is_at_once(row, price), ends_trial(row, price)) for price in choices_for(row)]
    return render(request, "billing/change.html", {"subscription": row, "choices": choices})


@require_http_methods(["GET", "HEAD", "POST"])
@for_subscribers
def change(request: HttpRequest, price: int) -> HttpResponse:
    """Show what a change would cost, and make it once the reader agrees."""
    row = subscription_of(request)
    offered = get_object_or_404(
        sold_to(reader_of(request)).select_related("plan"), pk=price, currency=row.price.currency if row.price else ""
    )
    written = request.GET.get("amount", "").strip()
    amount = offered.wanted(written or request.GET.get("suggested", ""))
    if amount is None:
        context = {"price": offered, "is_refused": "amount" in request.GET, "amount": written[:20]}
        return render(request, "billing/change_amount.html", context)
    is_agreed = request.method == "POST"
    if is_one_too_many(request) if is_agreed else is_one_preview_too_many(request):
        return too_often(request)
    target = wanted_price(offered, amount)
    return _change(request, target) if is_agreed else _preview(request, row, target)


def _preview(request: HttpRequest, row: Subscription, target: Price) -> HttpResponse:
    if target == row.price:
        messages.info(request, _("This is what you pay already."))
        return redirect("billing:account")
    preview = preview_change(reader_of(request), target)
    return render(request, "billing/change_confirm.html", {"subscription": row, "preview": preview})


def _change(request: HttpRequest, target: Price) -> HttpResponse:
    try:
        url = change_price(reader_of(request), target, request.POST.get("token", ""))
    except OutdatedPreviewError:
        messages.info(request, _("Something changed in the meantime, so nothing was done. This is what it costs now."))
        return redirect(request.get_full_path())
    if url:
        return HttpResponse(status=303, headers={"Location": url})
    messages.success(request, _("Done. This is how your subscription stands now."))
    return redirect("billing:account")


@require_POST
@for_subscribers
def keep(request: HttpRequest) -> HttpResponse:
    """Take back a change that is to come or waits for its payment."""
    keep_price(reader_of(request))
    messages.success(request, _("Your subscription stays as it is."))
    return redirect("billing:account")


@require_POST
@for_subscribers
def pay(request: HttpRequest) -> HttpResponse:
    """Send a reader to pay a change that waits."""
    subscription_of(request)
    if is_one_too_many(request):
        return too_often(request)
    url = address_to_pay_change(reader_of(request))
    if not url:
        raise UnsettledError
    return HttpResponse(status=303, headers={"Location": url})
