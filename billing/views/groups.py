"""Buying for a group, the way into one, and what its members see."""

import logging
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.views.account import signed_in
from billing import groups
from billing.entitlements import Source, entitlement_of
from billing.group_forms import GroupOrderForm
from billing.group_links import door_of
from billing.limits import is_one_too_many
from billing.models import Group, Invitation, Membership, Plan
from billing.offers import seat_prices
from billing.seats import GroupRefused, order_seats
from billing.stripe_client import StripeCallError
from billing.views.selling import too_often, unavailable
from magazine.public_pages import public_page, require_same_origin, signed_in_user

logger = logging.getLogger(__name__)

CHOICES = ("name", "seats", "offer")


@require_GET
@public_page
def offer(request: HttpRequest) -> HttpResponse:
    """Say what a group's seats cost; a choice made before signing in is still there."""
    initial = {name: request.GET[name] for name in CHOICES if name in request.GET}
    prices, currencies = seat_prices(request.GET.get("currency", ""))
    response = _offer(request, GroupOrderForm(prices, initial=initial), currencies)
    if initial:
        # One page for each choice, for one click: no cache should keep them.
        response.headers["Cache-Control"] = "private, no-store"
    return response


@require_same_origin
@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """Send somebody to Stripe to pay for the seats of a new group."""
    prices, currencies = seat_prices(request.POST.get("currency", ""))
    form = GroupOrderForm(prices, request.POST)
    if not form.is_valid():
        return _offer(request, form, currencies, status=422)
    if not request.user.is_authenticated:
        chosen = {name: form.cleaned_data[name] for name in CHOICES} | {"currency": form.cleaned_data["price"].currency}
        return redirect_to_login(f"{reverse('billing:group_offer')}?{urlencode(chosen)}")
    return to_checkout(request, form)


def to_checkout(request: HttpRequest, form: GroupOrderForm, group: Group | None = None) -> HttpResponse:
    """Send somebody to Stripe with a valid choice; the price is ours."""
    if is_one_too_many(request):
        return too_often(request)
    chosen = form.cleaned_data
    try:
        url = order_seats(signed_in(request), chosen["price"], seats=chosen["seats"], name=chosen["name"], group=group)
    except GroupRefused as why:
        messages.error(request, str(why))
        return redirect("billing:groups")
    except StripeCallError as error:
        logger.warning("The order of seats of reader %s failed: %s", request.user.pk, error)
        return unavailable(request)
    return HttpResponse(status=303, headers={"Location": url})


def _offer(request: HttpRequest, form: GroupOrderForm, currencies: list[str], *, status: int = 200) -> HttpResponse:
    prices = list(form.prices.values())
    context = {
        "form": form,
        "currencies": currencies,
        "currency": prices[0].currency if prices else "",
        "plans": Plan.objects.filter(pk__in={price.plan_id for price in prices}),
    }
    return render(request, "billing/group_offer.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, token: str) -> HttpResponse:
    """Say into which group a link leads; a POST, which no preview of the link sends, takes the seat."""
    found = door_of(token)
    if found is None:
        return render(request, "billing/group_door.html", {"group": None}, status=404)
    if isinstance(found, Invitation) and not found.is_open() and not _is_in(request, found.group):
        return render(request, "billing/group_door.html", {"group": None}, status=410)
    if request.method == "POST":
        return _enter(request, found)
    invitation, group = (found, found.group) if isinstance(found, Invitation) else (None, found)
    user = signed_in_user(request)
    context = {
        "group": group,
        "invitation": invitation,
        "visitor": user,
        "is_running": group.is_running(),
        "is_member": _is_in(request, group),
        "is_full": group.memberships.present().count() >= group.seats(),
        "pays_already": entitlement_of(user).source == Source.SUBSCRIPTION,
    }
    return render(request, "billing/group_door.html", context)


def _enter(request: HttpRequest, found: Group | Invitation) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    user = signed_in(request)
    try:
        member = groups.accept_invitation(user, found) if isinstance(found, Invitation) else groups.join_by_link(user, found)
    except GroupRefused as why:
        messages.error(request, str(why))
    else:
        _welcome(request, member)
    return redirect("billing:groups")


def _welcome(request: HttpRequest, member: Membership) -> None:
    messages.success(request, _("You have a seat in “%(group)s”: everything is open to you.") % {"group": member.group.name})


def _is_in(request: HttpRequest, group: Group) -> bool:
    user = signed_in_user(request)
    return user is not None and group.memberships.present().filter(user=user).exists()


@require_GET
@never_cache
@login_required
def own(request: HttpRequest) -> HttpResponse:
    """List the groups somebody owns, looks after, sits in, or may join."""
    user = signed_in(request)
    owned = list(Group.objects.filter(owner=user).select_related("subscription"))
    own_seats = Membership.objects.present().filter(user=user).select_related("group__owner", "group__subscription")
    context = {
        "owned": owned,
        "seats": [seat for seat in own_seats if seat.group.owner_id != user.pk],
        "joinable": groups.joinable_groups(user),
        "offered": Group.objects.filter(heir=user).select_related("owner", "subscription"),
    }
    return render(request, "billing/groups.html", context)


@require_POST
@never_cache
@login_required
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a seat by an address at the group's domain; a group that isn't open to it is as good as none."""
    user = signed_in(request)
    group = get_object_or_404(Group.objects.of_domain(groups.domains_of(user)), pk=pk)
    try:
        member = groups.join_by_domain(user, group)
    except GroupRefused as why:
        messages.error(request, str(why))
    else:
        _welcome(request, member)
    return redirect("billing:groups")


@require_POST
@never_cache
@login_required
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one's own seat back."""
    user = signed_in(request)
    group = get_object_or_404(Group, pk=pk)
    if not groups.leave(user, group):
        raise Http404
    messages.success(request, _("Your seat in “%(group)s” is free again.") % {"group": group.name})
    return redirect("billing:groups")
