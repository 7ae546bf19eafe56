"""The way from the prices to Stripe and back."""

import logging
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from billing.checkout import AlreadySubscribedError, finish_checkout, start_checkout
from billing.entitlements import entitlement_of
from billing.forms import ChoiceForm, safe_origin, safe_path
from billing.kinds import purchases
from billing.limits import is_one_too_many
from billing.models import CheckoutAttempt, Kind, Plan, Price, SubscriptionSettings
from billing.offers import rate_card
from billing.stripe_client import StripeCallError
from magazine.public_pages import public_page, require_same_origin

logger = logging.getLogger(__name__)

RETRY_SECONDS = 120


@require_GET
@public_page
def plans(request: HttpRequest) -> HttpResponse:
    """Show what can be subscribed to; a choice made before signing in waits on top."""
    card = rate_card(request.GET.get("currency", ""))
    chosen = (request.GET.get("plan"), request.GET.get("interval"))
    context = {
        "card": card,
        "choice": next((offer for offer in card.offers if (offer.plan.slug, offer.price.interval) == chosen), None),
        "next": safe_path(request.GET.get("next", "")),
        "came_from": safe_origin(request.GET.get("came_from", "")),
        "words": SubscriptionSettings.load(),
        "questions": SubscriptionSettings.load().questions.all(),
    }
    response = render(request, "billing/plans.html", context)
    if context["next"] or context["came_from"]:
        # As many pages as there are articles and calls to subscribe, each for one click: no cache should keep them.
        response.headers["Cache-Control"] = "private, no-store"
    return response


@require_same_origin
@require_POST
def checkout(request: HttpRequest, plan: str) -> HttpResponse:
    """Send a reader to Stripe to pay the price we have for their choice."""
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Please choose a plan on the page with the prices."), content_type="text/plain")
    choice = form.cleaned_data
    on_sale = Price.objects.on_sale().select_related("plan")
    price = get_object_or_404(on_sale, plan__slug=plan, interval=choice["interval"], currency=choice["currency"])
    if not request.user.is_authenticated:
        return redirect_to_login(f"{reverse('billing:plans')}?{urlencode({'plan': plan, **choice})}")
    if is_one_too_many(request):
        return too_often(request)
    try:
        url = start_checkout(request.user, price, next_path=choice["next"], came_from=choice["came_from"])
    except AlreadySubscribedError:
        messages.info(request, _("You subscribe already, so nothing was charged. Change or stop your subscription here."))
        return redirect("billing:account")
    except StripeCallError as error:
        logger.warning("Checkout of reader %s failed: %s", request.user.pk, error)
        return unavailable(request, retry_plan=price.plan, choice=choice)
    return HttpResponse(status=303, headers={"Location": url})


@require_GET
@login_required
def checkout_return(request: HttpRequest) -> HttpResponse:
    """Say how it went, having asked Stripe: a webhook may be late, or never come."""
    attempt = get_object_or_404(
        CheckoutAttempt.objects.select_related("user", "price__plan"),
        user=request.user,
        reference=request.GET.get("reference", ""),
        stripe_session_id=request.GET.get("session_id", ""),
    )
    try:
        finish_checkout(attempt)
    except StripeCallError as error:
        logger.warning("Checkout %s could not be looked up: %s", attempt.pk, error)
    context = {"attempt": attempt, "next": safe_path(attempt.next_path), "entitlement": entitlement_of(attempt.user)}
    if attempt.kind == Kind.SUBSCRIPTION:
        return render(request, "billing/checkout_return.html", context)
    purchase = purchases[attempt.kind]
    return render(request, purchase.thanks, context | (purchase.describe(request, attempt) if purchase.describe else {}))


@require_GET
@public_page
def support(request: HttpRequest) -> HttpResponse:
    """Say how the magazine can be supported."""
    return render(request, "billing/support.html")


def unavailable(
    request: HttpRequest, *, retry_plan: Plan | None = None, choice: dict[str, str] | None = None, back: str = ""
) -> HttpResponse:
    """Say that Stripe doesn't answer, that nothing was charged, and what to do: choose again, or go back to the form that kept it."""
    context = {"retry_plan": retry_plan, "choice": choice, "back": back}
    response = render(request, "billing/unavailable.html", context, status=503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def too_often(request: HttpRequest) -> HttpResponse:
    """Say that so many attempts to pay are too many, and what to do."""
    return render(request, "429.html", status=429)
