"""The way from the prices to Stripe and back."""

import logging
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from billing.catalogue import chosen_price
from billing.checkout import AlreadySubscribedError, finish_checkout, start_checkout
from billing.entitlements import entitlement_of, holding_of
from billing.forms import ChoiceForm, safe_origin, safe_path
from billing.kinds import purchases
from billing.limits import is_one_too_many
from billing.models import CheckoutAttempt, Kind, Plan, Price, SubscriptionSettings
from billing.models.plans import display_amount
from billing.offers import rate_card
from billing.stripe_client import StripeCallError
from magazine.public_pages import public_page, require_same_origin

logger = logging.getLogger(__name__)

RETRY_SECONDS = 120


@require_GET
@public_page
def plans(request: HttpRequest) -> HttpResponse:
    """Show what can be subscribed to; a choice made before signing in waits on top."""
    response = _plans(request, request.GET)
    if request.GET.get("next") or request.GET.get("came_from"):
        # As many pages as there are articles and calls to subscribe, each for one click: no cache should keep them.
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _plans(request: HttpRequest, asked: QueryDict, *, refused: Price | None = None, status: int = 200) -> HttpResponse:
    """Render the prices; `refused` is the price for which an amount was chosen that may not be."""
    card = rate_card(asked.get("currency", ""))
    chosen = (asked.get("plan"), asked.get("interval"))
    choice = next((offer for offer in card.offers if (offer.plan.slug, offer.price.interval) == chosen), None)
    context = {
        "card": card,
        "choice": choice,
        "wanted": _shown(choice.price, asked.get("amount", "")) if choice else "",
        "amount": asked.get("amount", "")[:20],
        "refused": refused,
        "student_price": Price.objects.for_proven_students().filter(currency=card.currency).order_by("interval", "amount").first(),
        "next": safe_path(asked.get("next", "")),
        "came_from": safe_origin(asked.get("came_from", "")),
        "words": SubscriptionSettings.load(),
        "sells_to_groups": Price.objects.on_sale_to_groups().exists(),
        "questions": SubscriptionSettings.load().questions.all(),
    }
    return render(request, "billing/plans.html", context, status=status)


def _shown(price: Price, text: str) -> str:
    """Return what a waiting choice costs as readers see it; nothing if they have yet to choose."""
    amount = price.wanted(text)
    return "" if amount is None else display_amount(amount, price.currency)


@require_same_origin
@require_POST
def checkout(request: HttpRequest, plan: str) -> HttpResponse:
    """Send a reader to Stripe to pay the price we have for their choice."""
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Please choose a plan on the page with the prices."), content_type="text/plain")
    choice = {name: form.cleaned_data[name] for name in ("interval", "currency", "next", "came_from")}
    on_sale = Price.objects.on_sale().select_related("plan")
    offered = get_object_or_404(on_sale, plan__slug=plan, interval=choice["interval"], currency=choice["currency"])
    amount = offered.wanted(form.cleaned_data["amount"])
    if amount is None:
        return _plans(request, request.POST, refused=offered, status=422)
    if offered.is_least:
        choice["amount"] = form.cleaned_data["amount"]
    if not request.user.is_authenticated:
        return redirect_to_login(f"{reverse('billing:plans')}?{urlencode({'plan': plan, **choice})}")
    return too_often(request) if is_one_too_many(request) else to_stripe(request, request.user, chosen_price(offered, amount), choice)


def to_stripe(request: HttpRequest, user: User, price: Price, choice: dict[str, str]) -> HttpResponse:
    """Open Checkout for a price and lead there, or say in words why not."""
    try:
        url = start_checkout(user, price, next_path=choice["next"], came_from=choice["came_from"])
    except AlreadySubscribedError:
        messages.info(request, _("You subscribe already, so nothing was charged. Change or stop your subscription here."))
        return redirect("billing:account")
    except StripeCallError as error:
        logger.warning("Checkout of reader %s failed: %s", user.pk, error)
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
    if attempt.kind == Kind.SUBSCRIPTION:
        context = {"is_paid": entitlement_of(attempt.user).opens_everything, "next": safe_path(attempt.next_path)}
        return render(request, "billing/checkout_return.html", context | {"attempt": attempt, "holding": holding_of(attempt.user)})
    purchase = purchases[attempt.kind]
    context = {"attempt": attempt, "is_paid": attempt.status == CheckoutAttempt.Status.COMPLETE}
    return render(request, purchase.thanks, context | (purchase.describe(request, attempt) if purchase.describe else {}))


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
