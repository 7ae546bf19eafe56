"""Give money, and the giver's page of what they gave."""

import logging
from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from billing.contribution_forms import ContributionForm
from billing.contributions import start_contribution, stop, totals
from billing.limits import is_one_too_many
from billing.models import CheckoutAttempt, Contribution, ContributionSettings, Subscription
from billing.purchases import AlreadyBoughtError
from billing.stripe_client import StripeCallError
from billing.typed import forget_typed, keep_typed, typed_before
from billing.views.selling import too_often, unavailable
from magazine.public_pages import public_page, require_same_origin

logger = logging.getLogger(__name__)

NAME = "contribution"
NAMES_SHOWN = 60
MAX_SHOWN = 200


@require_same_origin
@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def support(request: HttpRequest) -> HttpResponse:
    """Say how the magazine can be supported; a POST goes on to pay, through the sign-in where that is missing."""
    rules = ContributionSettings.load()
    if not rules.is_open:
        return redirect("billing:support") if request.method == "POST" else render(request, "billing/support.html")
    wants_monthly = rules.takes_monthly and (request.POST or request.GET).get("every") == Contribution.Interval.MONTH
    interval = Contribution.Interval.MONTH if wants_monthly else Contribution.Interval.ONCE
    if request.method != "POST":
        return _page(request, ContributionForm(interval=interval, initial=typed_before(request, NAME)))
    form = ContributionForm(request.POST, interval=interval)
    if not form.is_valid():
        return _page(request, form, status=422)
    return _to_stripe(request, form)


def _page(request: HttpRequest, form: ContributionForm, *, status: int = 200) -> HttpResponse:
    rules = form.rules
    counted = totals() if rules.shows_count or rules.shows_sum else None
    context = {
        "rules": rules,
        "form": form,
        "people": counted.people if counted and rules.shows_count else 0,
        "this_month": rules.display(counted.this_month) if counted and rules.shows_sum and counted.this_month else "",
        "shown": Contribution.objects.shown().order_by("-paid_at")[:NAMES_SHOWN],
    }
    return render(request, "billing/support_form.html", context, status=status)


def _to_stripe(request: HttpRequest, form: ContributionForm) -> HttpResponse:
    keep_typed(request, NAME, form)
    back = f"{reverse('billing:support')}?{urlencode({'every': form.interval})}"
    if not request.user.is_authenticated:
        messages.info(request, _("What you wrote is kept. Sign in, and go on to pay."))
        return redirect_to_login(back)
    if is_one_too_many(request):
        return too_often(request)
    try:
        url = start_contribution(request.user, cancel_path=back, **form.contribution())
    except AlreadyBoughtError:
        messages.info(
            request, _("You give every month already, so nothing was begun. Stop that first if you would like to give another amount.")
        )
        return redirect("billing:contributions")
    except StripeCallError as error:
        logger.warning("The contribution of reader %s could not be taken: %s", request.user.pk, error)
        return unavailable(request, back=back)
    return HttpResponse(status=303, headers={"Location": url})


def describe(request: HttpRequest, attempt: CheckoutAttempt) -> dict[str, object]:
    """Return what the page says to which a giver comes back from paying; what they typed is done with."""
    contribution = Contribution.objects.filter(pk=attempt.subject_id or 0).first()
    is_paid = contribution is not None and (contribution.is_paid or contribution.withdrawn_at is not None)
    if is_paid:
        forget_typed(request, NAME)
    return {"contribution": contribution, "is_paid": is_paid}


@require_http_methods(["GET", "HEAD"])
@never_cache
@login_required
def contributions(request: HttpRequest) -> HttpResponse:
    """List what the reader gave, whole or as the account page's fragment."""
    user = cast(User, request.user)
    found = list(Contribution.objects.paid().filter(user=user)[:MAX_SHOWN])
    live = Subscription.objects.live().filter(user=user, stripe_id__in=[row.stripe_subscription_id for row in found if row.is_monthly])
    running = {row.stripe_id: row for row in live}
    rows = [{"contribution": row, "running": running.get(row.stripe_subscription_id or "")} for row in found]
    template = "billing/_contributions.html" if getattr(request, "htmx", False) else "billing/contributions.html"
    return render(request, template, {"rows": rows, "is_open": ContributionSettings.load().is_open})


@require_POST
@never_cache
@login_required
def stop_contribution(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a monthly contribution end."""
    contribution = get_object_or_404(
        Contribution.objects.paid(), pk=pk, user=cast(User, request.user), interval=Contribution.Interval.MONTH
    )
    try:
        stop(contribution)
    except StripeCallError as error:
        logger.warning("Contribution %s could not be stopped: %s", contribution.pk, error)
        messages.error(request, _("Stripe can’t be reached at the moment, so it goes on for now. Please try again in some minutes."))
    else:
        messages.success(request, _("It is stopped. Nothing more will be taken, and thank you for all you gave."))
    return redirect("billing:contributions")
