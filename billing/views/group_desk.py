"""Where owners and managers look after a group. A group of somebody else's is as good as none: 404."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.views.account import signed_in
from billing import groups, invitations, seats
from billing.group_forms import GroupOrderForm, GroupSettingsForm, InvitationForm, SeatsForm
from billing.group_links import address_of, join_token
from billing.limits import is_one_too_many
from billing.models import Group, Membership, Plan
from billing.models.plans import display_amount
from billing.offers import seat_prices
from billing.seats import GroupRefused, SeatPreview
from billing.stripe_client import StripeCallError
from billing.views.groups import to_checkout
from billing.views.selling import too_often, unavailable

logger = logging.getLogger(__name__)

PAGE_SIZE = 50
INVITATIONS_SHOWN = 200
PREVIEW_SALT = "billing.groups.preview"
PREVIEW_SECONDS = 900

Action = Callable[..., str | HttpResponse | None]


def desk_action(*, of_owner: bool = False) -> Callable[[Action], Callable[..., HttpResponse]]:
    """Let who looks after a group do something to it by POST; what is returned is said to them, on the group's page."""

    def decorate(action: Action) -> Callable[..., HttpResponse]:
        @require_POST
        @never_cache
        @login_required
        @wraps(action)
        def view(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
            group = _group(request, pk, of_owner=of_owner)
            try:
                done = action(request, group, **kwargs)
            except GroupRefused as why:
                messages.error(request, str(why))
                done = None
            except StripeCallError as error:
                logger.warning("Group %s could not be changed: %s", group.pk, error)
                return unavailable(request)
            if isinstance(done, HttpResponse):
                return done
            if done:
                messages.success(request, done)
            return redirect("billing:group", pk)

        return view

    return decorate


def _group(request: HttpRequest, pk: int, *, of_owner: bool = False) -> Group:
    user = signed_in(request)
    mine = Group.objects.filter(owner=user) if of_owner else Group.objects.seen_by(user.pk)
    return get_object_or_404(mine.select_related("owner", "heir", "subscription__price__plan", "subscription__customer__user"), pk=pk)


@require_GET
@never_cache
@login_required
def desk(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a group to who looks after it."""
    group = _group(request, pk)
    return _desk(request, group, InvitationForm(), _settings_form(request, group))


def _desk(
    request: HttpRequest, group: Group, invitation_form: InvitationForm, settings_form: GroupSettingsForm, *, status: int = 200
) -> HttpResponse:
    is_owner = group.owner_id == signed_in(request).pk
    present = group.memberships.present().by_age().select_related("user")
    page = Paginator(present, PAGE_SIZE).get_page(request.GET.get("page"))
    seat_count = group.seats()
    context = {
        "group": group,
        "subscription": group.subscription,
        "is_owner": is_owner,
        "is_running": group.is_running(),
        "seats": seat_count,
        "taken": min(page.paginator.count, seat_count),
        "waiting": max(0, page.paginator.count - seat_count),
        "seats_ending": group.seats_ending(),
        "page": page,
        "invitations": group.invitations.unanswered().order_by("-sent_at", "-pk")[:INVITATIONS_SHOWN],
        "free": invitations.free_seats(group),
        "link": address_of(join_token(group)) if group.has_link else "",
        "invitation_form": invitation_form,
        "settings_form": settings_form,
        "seats_form": SeatsForm(_plan(group), initial={"seats": seat_count}) if is_owner and group.subscription else None,
    }
    return render(request, "billing/group.html", context, status=status)


def _settings_form(request: HttpRequest, group: Group) -> GroupSettingsForm:
    # A copy, because a form writes what is wrong into its instance, and the page's head says its name.
    instance = Group.objects.get(pk=group.pk)
    return GroupSettingsForm(request.POST or None, instance=instance, own_domains=groups.domains_of(signed_in(request)))


def _plan(group: Group) -> Plan:
    price = group.subscription.price if group.subscription else None
    return price.plan if price else Plan()


# People ----------------------------------------------------------------------------------------------------------


@desk_action()
def invite(request: HttpRequest, group: Group) -> str | HttpResponse:
    """Offer seats to addresses."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _desk(request, group, form, _settings_form_unbound(request, group), status=422)
    count = invitations.invite(group, signed_in(request), form.cleaned_data["addresses"])
    if not count:
        return _("They all have a seat or an invitation already.")
    return ngettext("%(count)d invitation is on its way.", "%(count)d invitations are on their way.", count) % {"count": count}


@desk_action()
def invitation(request: HttpRequest, group: Group, number: int) -> str:
    """Send an invitation again, or take it back."""
    found = get_object_or_404(group.invitations.unanswered(), pk=number)
    if request.POST.get("do") == "again":
        invitations.send_again(found)
        return _("The invitation is on its way once more. The link in the mail before works no longer.")
    invitations.revoke(found)
    return _("The invitation is taken back. Its link opens nothing any more.")


@desk_action()
def link(request: HttpRequest, group: Group) -> str:
    """Make a new join link, or none."""
    if request.POST.get("do") == "close":
        groups.close_link(group)
        return _("Nobody can join by link any more.")
    groups.renew_link(group)
    return _("Here is the new link. An earlier one opens nothing any more.")


@desk_action()
def member(request: HttpRequest, group: Group, number: int) -> str:
    """Remove a member; the owner makes managers too, and asks somebody to take the group over."""
    is_owner = group.owner_id == signed_in(request).pk
    others = group.memberships.present().exclude(user=group.owner_id).select_related("user")
    within_reach = others if is_owner else others.filter(role=Membership.Role.MEMBER)
    found = get_object_or_404(within_reach, pk=number)
    do = request.POST.get("do")
    if do == "remove":
        groups.remove_member(found)
        return _("%(name)s is no longer in the group.") % {"name": found.user}
    if not is_owner:
        raise Http404
    if do == "heir":
        groups.offer_ownership(group, found)
        return _("%(name)s is asked by mail to take the group over.") % {"name": found.user}
    if do not in Membership.Role.values:
        raise Http404
    groups.set_role(found, do)
    words = (
        _("%(name)s looks after the group with you now.") if do == Membership.Role.MANAGER else _("%(name)s is a member like the others.")
    )
    return words % {"name": found.user}


@desk_action()
def settings(request: HttpRequest, group: Group) -> str | HttpResponse:
    """Change the name, the domain, and whether the owner hears of who joins."""
    form = _settings_form(request, group)
    if not form.is_valid():
        return _desk(request, group, InvitationForm(), form, status=422)
    Group.objects.filter(pk=group.pk).update(**form.cleaned_data)
    return _("Saved.")


def _settings_form_unbound(request: HttpRequest, group: Group) -> GroupSettingsForm:
    return GroupSettingsForm(instance=Group.objects.get(pk=group.pk), own_domains=groups.domains_of(signed_in(request)))


# Money: the owner's alone ------------------------------------------------------------------------------------------


@desk_action(of_owner=True)
def change_seats(request: HttpRequest, group: Group) -> str | HttpResponse:
    """Ask what a change of seats means, or carry it out once that was read."""
    if request.POST.get("do") == "keep":
        seats.keep_seats(group)
        return _("All seats stay.")
    if "preview" in request.POST:
        return _add(request, group)
    form = SeatsForm(_plan(group), request.POST)
    if not form.is_valid():
        raise GroupRefused(" ".join(str(message) for errors in form.errors.values() for message in errors))
    wanted = form.cleaned_data["seats"]
    if wanted == group.seats():
        return _("That is how many seats you have.")
    if wanted > group.seats():
        return _ask_to_pay(request, group, seats.preview_more(group, wanted))
    if request.POST.get("do") not in ("now", "at_end"):
        context = {"group": group, "wanted": wanted, "closing": max(0, group.memberships.present().count() - wanted)}
        return render(request, "billing/group_seats.html", context)
    seats.give_up_seats(group, wanted, is_at_once=request.POST["do"] == "now")
    return _("Done: from now on you pay for fewer seats.")


def _ask_to_pay(request: HttpRequest, group: Group, preview: SeatPreview) -> HttpResponse:
    signer = signing.TimestampSigner(salt=PREVIEW_SALT)
    context = {
        "group": group,
        "wanted": preview.seats,
        "amount": display_amount(preview.amount, preview.currency),
        "preview": signer.sign_object([group.pk, preview.before, preview.seats, preview.at]),
    }
    return render(request, "billing/group_seats.html", context)


def _add(request: HttpRequest, group: Group) -> str | HttpResponse:
    """Add the seats of a preview: what it says is signed, so that nobody reckons from another day."""
    if is_one_too_many(request):
        return too_often(request)
    try:
        signer = signing.TimestampSigner(salt=PREVIEW_SALT)
        of, before, wanted, at = signer.unsign_object(request.POST["preview"], max_age=PREVIEW_SECONDS)
    except signing.BadSignature as error:
        raise GroupRefused(_("That price is some time old. Please look at it once more.")) from error
    if of != group.pk:
        raise Http404
    to_pay = seats.add_seats(group, SeatPreview(wanted, before=before, at=at))
    if to_pay is not None:
        return HttpResponse(status=303, headers={"Location": to_pay})
    return ngettext("You have %(count)d seat now.", "You have %(count)d seats now.", wanted) % {"count": wanted}


@desk_action(of_owner=True)
def renewal(request: HttpRequest, group: Group) -> str:
    """Let the subscription end with what is paid, or go on after all."""
    goes_on = request.POST.get("do") == "go_on"
    groups.set_renewal(group, goes_on=goes_on)
    return _("Your group’s subscription goes on.") if goes_on else _("It ends with what is paid. Nothing more will be charged.")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a group over, or start an ended one again: for whom it was offered, and its owner."""
    user = signed_in(request)
    group = get_object_or_404(
        Group.objects.filter(Q(owner=user) | Q(heir=user)).select_related("owner", "subscription__price__plan"), pk=pk
    )
    is_heir = group.heir_id == user.pk
    if not is_heir and group.subscription is not None and group.subscription.is_live:
        return redirect("billing:group", pk)
    price = group.subscription.price if group.subscription else None
    prices, _currencies = seat_prices(price.currency if price else "")
    # An heir has the seats that are paid; who starts anew may want one for everybody who waits.
    seat_count = group.seats() if is_heir else max(group.seats(), group.memberships.present().count())
    form = GroupOrderForm(prices, request.POST or None, initial={"name": group.name, "seats": seat_count})
    if request.method == "POST" and form.is_valid():
        return to_checkout(request, form, group)
    paid_until = group.subscription.current_period_end if is_heir and group.is_running() and group.subscription else None
    return render(request, "billing/group_order.html", {"group": group, "form": form, "is_heir": is_heir, "paid_until": paid_until})


@require_POST
@never_cache
@login_required
def heir(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the group with its owner: said by them, or by whom they asked."""
    user = signed_in(request)
    group = get_object_or_404(Group.objects.filter(Q(owner=user) | Q(heir=user)), pk=pk)
    try:
        groups.withdraw_ownership(group)
    except GroupRefused as why:
        messages.error(request, str(why))
    except StripeCallError as error:
        logger.warning("The offer of group %s could not be withdrawn: %s", group.pk, error)
        return unavailable(request)
    else:
        messages.success(request, _("The group stays with its owner."))
    return redirect("billing:groups")
