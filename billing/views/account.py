"""The reader's own subscription."""

import logging
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from billing.entitlements import holding_of
from billing.models import Customer, Payment
from billing.pausing import may_pause
from billing.portal import portal_address
from billing.running import running_subscription
from billing.stripe_client import StripeCallError
from billing.synchronising import synchronise_customer
from billing.views.selling import unavailable

logger = logging.getLogger(__name__)

# Reloading the page must not become a way to make us call Stripe.
FRESH = timedelta(seconds=15)
# Older ones are in the Customer Portal.
PAYMENTS_SHOWN = 24


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def billing(request: HttpRequest) -> HttpResponse:
    """Show what the reader holds, whole or as the account page's fragment; a POST opens their Customer Portal."""
    if request.method == "POST":
        return _to_portal(request, request.user)
    if request.GET.get("from") == "portal":
        _catch_up(request.user)
    template = "billing/_holding.html" if getattr(request, "htmx", False) else "billing/account.html"
    reader = _signed_in(request.user)
    running = running_subscription(reader)
    context: dict[str, Any] = {"holding": holding_of(reader), "running": running, "may_pause": running is not None and may_pause(running)}
    if template == "billing/account.html":
        context["payments"] = Payment.objects.filter(user=reader)[:PAYMENTS_SHOWN]
    return render(request, template, context)


def _to_portal(request: HttpRequest, user: User | AnonymousUser) -> HttpResponse:
    try:
        url = portal_address(_signed_in(user))
    except StripeCallError as error:
        logger.warning("The portal of reader %s could not be opened: %s", user.pk, error)
        return unavailable(request)
    return HttpResponse(status=303, headers={"Location": url}) if url else redirect("billing:plans")


def _catch_up(user: User | AnonymousUser) -> None:
    """Synchronise a reader who comes back from the portal, so that the page shows what they just did there."""
    customer = Customer.objects.at_stripe().select_related("user").filter(user=_signed_in(user)).first()
    if customer is None or (customer.synchronised_at and customer.synchronised_at > timezone.now() - FRESH):
        return
    try:
        synchronise_customer(customer)
    except StripeCallError as error:
        # The webhook will bring it.
        logger.warning("Customer %s could not be synchronised: %s", customer.pk, error)


def _signed_in(user: User | AnonymousUser) -> User:
    if not isinstance(user, User):
        raise TypeError("login_required lets nobody else in.")
    return user
