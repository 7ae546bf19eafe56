"""Give a subscription, follow its link, and the giver's page of what they gave."""

import logging
from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from billing.gift_forms import AddressForm, GiftForm
from billing.gifts import LINK_DAYS, gift_of, gift_offers, link_of, renew_link, start_gift
from billing.limits import is_one_too_many
from billing.models import CheckoutAttempt, GiftSubscription
from billing.offers import rate_card
from billing.redeeming import GiftRefused, place_for, redeem
from billing.stripe_client import StripeCallError
from billing.typed import forget_typed, keep_typed, typed_before
from billing.views.selling import too_often, unavailable
from magazine.counting import count_up
from magazine.public_pages import public_page, require_same_origin, signed_in_user

logger = logging.getLogger(__name__)

NAME = "gift"
# "same-origin" rather than "no-referrer": without any, browsers don't say of a form that it is ours.
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}
# A gift may be sent again, but must not become a way to write to strangers.
MAILS_A_DAY = 5
DAY_SECONDS = 24 * 3600
MAX_SHOWN = 100


@require_same_origin
@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def give(request: HttpRequest) -> HttpResponse:
    """Show what can be given; a POST goes on to pay, through the sign-in where that is missing."""
    currency = request.POST.get("currency") or request.GET.get("currency", "")
    card = rate_card(currency)
    offers = gift_offers(card.currency)
    if request.method != "POST":
        form = GiftForm(offers=offers, initial=typed_before(request, NAME))
        return render(request, "billing/gift.html", {"form": form, "card": card, "link_years": LINK_DAYS // 365})
    form = GiftForm(request.POST, offers=offers)
    if not form.is_valid():
        return render(request, "billing/gift.html", {"form": form, "card": card, "link_years": LINK_DAYS // 365}, status=422)
    keep_typed(request, NAME, form)
    back = f"{reverse('billing:gift')}?{urlencode({'currency': card.currency})}"
    if not request.user.is_authenticated:
        messages.info(request, _("What you wrote is kept. Sign in, and go on to pay."))
        return redirect_to_login(back)
    if is_one_too_many(request):
        return too_often(request)
    try:
        url = start_gift(request.user, form.offer, cancel_path=back, **form.gift())
    except StripeCallError as error:
        logger.warning("The gift of reader %s could not be sold: %s", request.user.pk, error)
        return unavailable(request, back=back)
    return HttpResponse(status=303, headers={"Location": url})


def describe(request: HttpRequest, attempt: CheckoutAttempt) -> dict[str, object]:
    """Return what the page says to which a giver comes back from paying; what they typed is done with."""
    gift = GiftSubscription.objects.select_related("plan", "mail").filter(pk=attempt.subject_id or 0).first()
    is_paid = gift is not None and gift.is_paid
    if is_paid:
        forget_typed(request, NAME)
    return {"gift": gift, "is_paid": is_paid, "url": link_of(gift) if gift else ""}


@require_same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, token: str) -> HttpResponse:
    """Say what is given and by whom; a POST accepts it for who is signed in."""
    gift = gift_of(token)
    user = signed_in_user(request)
    if gift is None:
        response = _closed(request, None, status=404)
    elif gift.redeemed_by_id is not None and user is not None and gift.redeemed_by_id == user.pk:
        response = redirect("billing:account")
    elif not gift.is_redeemable():
        response = _closed(request, gift, status=410)
    elif request.method != "POST":
        context = {"gift": gift, "place": place_for(user) if user else None}
        response = render(request, "billing/gift_claim.html", context)
    elif user is None:
        response = redirect_to_login(request.path)
    else:
        response = _accept(request, gift, user)
    for name, value in PRIVATE.items():
        response.headers[name] = value
    return response


def _accept(request: HttpRequest, gift: GiftSubscription, user: User) -> HttpResponse:
    try:
        wishes = request.POST.getlist("although")
        gift = redeem(user, gift, ends_renewal="renews" in wishes, despite_seat="seated" in wishes)
    except GiftRefused as refusal:
        gift.refresh_from_db()
        if refusal.place is None:
            return _closed(request, gift, status=410)
        return render(request, "billing/gift_claim.html", {"gift": gift, "place": refusal.place}, status=409)
    except StripeCallError as error:
        logger.warning("The subscription of reader %s could not be ended for a gift: %s", user.pk, error)
        return unavailable(request, back=request.path)
    words = {"start": _day(gift.starts_at), "end": _day(gift.ends_at)}
    if gift.starts_at and gift.starts_at <= timezone.now():
        messages.success(request, _("The gift is yours: everything is open to you until %(end)s.") % words)
    else:
        messages.success(
            request, _("The gift is yours. It begins on %(start)s, after what you hold already, and lasts until %(end)s.") % words
        )
    return redirect("billing:account")


def _day(moment: datetime | None) -> str:
    return formats.date_format(timezone.localtime(moment)) if moment else ""


def _closed(request: HttpRequest, gift: GiftSubscription | None, *, status: int) -> HttpResponse:
    return render(request, "billing/gift_closed.html", {"gift": gift}, status=status)


@require_http_methods(["GET", "HEAD"])
@never_cache
@login_required
def bought(request: HttpRequest) -> HttpResponse:
    """List the subscriptions that the reader gave, with their links."""
    found = GiftSubscription.objects.paid().filter(buyer=cast(User, request.user)).select_related("plan", "mail")[:MAX_SHOWN]
    rows = [{"gift": gift, "url": link_of(gift) if gift.is_redeemable() else "", "form": AddressForm(gift=gift)} for gift in found]
    return render(request, "billing/gifts_bought.html", {"rows": rows})


@require_POST
@never_cache
@login_required
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new link for a gift, which ends the old one: mailed to an address, or for the giver to hand over."""
    gift = get_object_or_404(GiftSubscription.objects.paid(), pk=pk, buyer=cast(User, request.user))
    form = AddressForm(request.POST, gift=gift)
    by_mail = request.POST.get("way") == "mail"
    if by_mail and not form.is_valid():
        messages.error(request, _("This is no email address. Please look at it again."))
    elif by_mail and count_up(f"billing:gift-mails:{gift.pk}", seconds=DAY_SECONDS) > MAILS_A_DAY:
        messages.error(request, _("This gift was sent several times today. Try again tomorrow, or hand over its link yourself."))
    elif not renew_link(gift, recipient_email=form.cleaned_data["recipient_email"] if by_mail else ""):
        messages.info(request, _("This gift can’t be accepted any more, so there is no link to send."))
    elif by_mail:
        messages.success(request, _("A new link is on its way. The one before opens nothing any more."))
    else:
        messages.success(request, _("Here is a new link to hand over. The one before opens nothing any more."))
    return redirect("billing:gifts_bought")
