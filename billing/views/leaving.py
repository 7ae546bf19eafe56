"""The pages on which a reader stops, pauses, and comes back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from billing import leaving, pausing
from billing.forms import LeavingForm, PauseForm
from billing.limits import is_one_too_many
from billing.models import SellingRules
from billing.running import UnsettledError
from billing.stripe_client import StripeCallError
from billing.views.own_subscription import for_subscribers, reader_of, subscription_of
from billing.views.selling import too_often


@require_http_methods(["GET", "HEAD", "POST"])
@for_subscribers
def cancel(request: HttpRequest) -> HttpResponse:
    """Ask why, offer what the editor offers, and stop the subscription with its period."""
    row = subscription_of(request)
    if row.is_ending:
        return redirect("billing:account")
    form = LeavingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if "stay" in request.POST:
            leaving.take_offer(reader_of(request), **form.cleaned_data)
            messages.success(request, _thanks_for_staying(SellingRules.load()))
        else:
            leaving.cancel(reader_of(request), **form.cleaned_data)
            messages.success(request, _("Your subscription is cancelled. Nothing more will be charged."))
        return redirect("billing:account")
    offer = SellingRules.load() if leaving.is_offered_to(row) else None
    return render(request, "billing/cancel.html", {"subscription": row, "form": form, "offer": offer, "may_pause": pausing.may_pause(row)})


def _thanks_for_staying(offer: SellingRules) -> str:
    words = ngettext(
        "Thank you for staying. Your next month costs %(percent)d per cent less.",
        "Thank you for staying. Your next %(months)d months cost %(percent)d per cent less.",
        offer.offer_months,
    )
    return words % {"months": offer.offer_months, "percent": offer.offer_percent}


@require_POST
@for_subscribers
def undo_cancel(request: HttpRequest) -> HttpResponse:
    """Let a cancelled subscription go on."""
    leaving.undo_cancel(reader_of(request))
    messages.success(request, _("Good that you stay. Your subscription goes on."))
    return redirect("billing:account")


@require_http_methods(["GET", "HEAD", "POST"])
@for_subscribers
def pause(request: HttpRequest) -> HttpResponse:
    """Say what a pause is, and begin one."""
    row = subscription_of(request)
    if not pausing.may_pause(row):
        raise UnsettledError
    form = PauseForm(request.POST if request.method == "POST" else None, subscription=row)
    if request.method == "POST" and form.is_valid():
        pausing.pause(reader_of(request), months=form.cleaned_data["months"])
        messages.success(request, _("Your pause is set. You can end it at any time."))
        return redirect("billing:account")
    return render(request, "billing/pause.html", {"subscription": row, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@for_subscribers
def resume(request: HttpRequest) -> HttpResponse:
    """Say what going on costs, and end the pause."""
    row = subscription_of(request)
    if not row.paused_until:
        return redirect("billing:account")
    is_refused = False
    if request.method == "POST":
        if is_one_too_many(request):
            return too_often(request)
        try:
            pausing.resume(reader_of(request))
        except StripeCallError as error:
            if not error.is_declined:
                raise
            is_refused = True
        else:
            messages.success(request, _("Welcome back. Everything is open to you again."))
            return redirect("billing:account")
    context = {"subscription": row, "begins_anew": pausing.begins_anew(row), "is_refused": is_refused}
    return render(request, "billing/resume.html", context)
