"""Who belongs to a group: joining, leaving, being removed, looking after it, and handing it over."""

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.emails import normalise_email
from billing import stripe_client
from billing.mails import drop_mails, queue_mail
from billing.models import Group, Invitation, Membership, SeatOrder, Subscription
from billing.seats import GroupRefused, allot_seats, drop_order
from billing.synchronising import synchronise_customer

if TYPE_CHECKING:
    from accounts.models import User


# Joining and leaving ---------------------------------------------------------------------------------------------


def join_by_link(user: "User", group: Group) -> Membership:
    """Take a seat by the join link as it was when somebody opened it; raises GroupRefused."""
    with transaction.atomic():
        locked = Group.objects.locked(group.pk)
        if not locked.has_link or locked.link_generation != group.link_generation:
            raise GroupRefused(_("This link was replaced by another. Ask who gave it to you for the new one."))
        return admit(user, locked)


def join_by_domain(user: "User", group: Group) -> Membership:
    """Take a seat by an address at the group's domain; raises GroupRefused."""
    with transaction.atomic():
        locked = Group.objects.locked(group.pk)
        if not locked.domain or locked.domain not in domains_of(user):
            raise GroupRefused(_("Only people with a confirmed address at the group’s domain can join by themselves."))
        return admit(user, locked)


def accept_invitation(user: "User", invitation: Invitation) -> Membership:
    """Take the seat of an invitation, which is then spent; raises GroupRefused. A member already uses nothing up."""
    with transaction.atomic():
        locked = Group.objects.locked(invitation.group_id)
        if (member := locked.memberships.present().filter(user=user).first()) is not None:
            return member
        still = Invitation.objects.open().filter(pk=invitation.pk, sent=invitation.sent)
        if not still.update(accepted_at=timezone.now(), accepted_by=user):
            raise GroupRefused(_("This invitation was used, taken back, or is too old. Ask for a new one."))
        return admit(user, locked, is_invited=True)


def joinable_groups(user: "User") -> list[Group]:
    """Return the groups that somebody may join by their address, and hasn't been in."""
    found = Group.objects.of_domain(domains_of(user)).running().exclude(memberships__user=user)
    return list(found.select_related("owner"))


def domains_of(user: "User") -> set[str]:
    """Return the domains at which a person has proved an address."""
    proved = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return {normalise_email(address).rpartition("@")[2] for address in proved}


def leave(user: "User", group: Group) -> bool:
    """Give one's own seat back; return whether there was one. An owner goes on owning."""
    with transaction.atomic():
        locked = Group.objects.locked(group.pk)
        count, _by_model = locked.memberships.present().filter(user=user).delete()
        Group.objects.filter(pk=locked.pk, heir=user).update(heir=None)
        allot_seats(locked)
    return bool(count)


def remove_member(membership: Membership) -> None:
    """Take somebody out of a group: what it opened closes at once, and only an invitation lets them in again.

    Whoever is about to pay for the group can't any more. Raises StripeCallError, GroupRefused.
    """
    if Group.objects.filter(pk=membership.group_id, heir=membership.user_id).exists():
        withdraw_ownership(membership.group)
    with transaction.atomic():
        locked = Group.objects.locked(membership.group_id)
        gone = {"removed_at": timezone.now(), "has_seat": False, "role": Membership.Role.MEMBER}
        locked.memberships.present().filter(pk=membership.pk).update(**gone)
        Group.objects.filter(pk=locked.pk, heir=membership.user_id).update(heir=None)
        allot_seats(locked)


def admit(user: "User", group: Group, *, is_invited: bool = False) -> Membership:
    """Give somebody a seat; the caller holds the group's lock."""
    if not group.is_running():
        raise GroupRefused(_("The subscription of this group doesn’t run at the moment. Ask its owner."))
    member = group.memberships.filter(user=user).first()
    if member is not None and member.is_present:
        return member
    if member is not None and not is_invited and group.owner_id != user.pk:
        raise GroupRefused(_("You were taken out of this group. Somebody who looks after it can invite you again."))
    if group.memberships.present().count() >= group.seats():
        raise GroupRefused(_("All seats of this group are taken. Ask its owner for one more."))
    fields = {"removed_at": None, "joined_at": timezone.now(), "role": Membership.Role.MEMBER}
    member, _is_new = Membership.objects.update_or_create(group=group, user=user, defaults=fields)
    allot_seats(group)
    member.refresh_from_db()
    if group.tells_owner and group.owner_id != user.pk:
        queue_mail("group_joined", key=f"group-joined:{member.pk}:{member.joined_at:%s}", to=group.owner, context={"member": member.pk})
    return member


# Looking after it ------------------------------------------------------------------------------------------------


def set_role(membership: Membership, role: str) -> None:
    """Make somebody a manager, or a member like the others."""
    Membership.objects.present().filter(pk=membership.pk).update(role=role)


def renew_link(group: Group) -> None:
    """Make a new join link; the one before opens nothing any more."""
    with transaction.atomic():
        locked = Group.objects.locked(group.pk)
        locked.link_generation += 1
        locked.has_link = True
        locked.save(update_fields=["link_generation", "has_link"])


def close_link(group: Group) -> None:
    """Let nobody join by link any more."""
    Group.objects.filter(pk=group.pk).update(has_link=False)


def set_renewal(group: Group, *, goes_on: bool) -> None:
    """Let the subscription end with what is paid, or take that back; raises StripeCallError, GroupRefused."""
    row = _live(group)
    if goes_on:
        stripe_client.keep_renewing(row.stripe_id, has_own_date=False)
    else:
        stripe_client.stop_renewal(row.stripe_id)
    synchronise_customer(row.customer)


def _live(group: Group) -> Subscription:
    if group.subscription is None or not group.subscription.is_live:
        raise GroupRefused(_("The subscription of this group has ended."))
    return group.subscription


# Handing it over -------------------------------------------------------------------------------------------------


def offer_ownership(group: Group, membership: Membership) -> None:
    """Ask a member to become the owner; they do by paying for what comes after the paid period. Raises StripeCallError, GroupRefused."""
    withdraw_ownership(group)
    with transaction.atomic():
        locked = Group.objects.locked(group.pk)
        if membership.user_id == locked.owner_id:
            raise GroupRefused(_("This group is theirs already."))
        locked.heir_id = membership.user_id
        locked.notices += 1
        locked.save(update_fields=["heir", "notices"])
        queue_mail("group_heir", key=f"group-heir:{locked.pk}:{locked.notices}", to=membership.user, context={"pk": locked.pk})


def withdraw_ownership(group: Group) -> None:
    """Ask nobody any more to take a group over; who is about to pay for it can't any more. Raises StripeCallError, GroupRefused."""
    for order in SeatOrder.objects.filter(group=group, status=SeatOrder.Status.OPEN).exclude(buyer=group.owner_id).select_related("buyer"):
        if drop_order(order):
            raise GroupRefused(_("They have just paid for the group, which is theirs as soon as the money is there."))
    Group.objects.filter(pk=group.pk).update(heir=None)
    drop_mails(key_prefix=f"group-heir:{group.pk}:")
