"""What groups hold of a reader, and what becomes of it when they leave."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.privacy import DeletionRefused
from billing.invitations import forget
from billing.models import Group, Invitation, Membership, SeatOrder
from billing.seats import allot_seats

if TYPE_CHECKING:
    from accounts.models import User


def export(user: "User") -> dict[str, Any]:
    """Return the groups somebody owns, sits in, was invited to, and went to pay for; other people's names stay out."""
    own = Q(email=user.email) | Q(accepted_by=user)
    return {
        "owned": list(Group.objects.filter(owner=user).values("name", "domain", "has_link", "tells_owner", "created_at")),
        "seats": list(Membership.objects.filter(user=user).values("group__name", "role", "has_seat", "joined_at", "removed_at")),
        "invitations": list(Invitation.objects.filter(own).values("group__name", "email", "sent_at", "accepted_at", "revoked_at")),
        "orders": list(SeatOrder.objects.filter(buyer=user).values("name", "seats", "status", "created_at")),
    }


def refuse_to_strand_members(user: "User", for_good: bool) -> None:
    """Keep an owner whose group others read by, until they end it or hand it over; raises DeletionRefused."""
    if for_good:
        return
    for group in Group.objects.filter(owner=user).running().select_related("subscription"):
        is_going_on = group.subscription is not None and not group.subscription.is_ending
        if is_going_on and group.memberships.present().exclude(user=user).exists():
            words = _("Others read by your group “%(group)s”. Hand it over to one of them, or end its subscription first.")
            raise DeletionRefused(words % {"group": group.name})


def erase(user: "User", words_too: bool) -> None:
    """Give the person's seats back, and forget their groups and where they were invited."""
    for pk in list(Membership.objects.filter(user=user).values_list("group", flat=True)):
        with transaction.atomic():
            group = Group.objects.locked(pk)
            group.memberships.filter(user=user).delete()
            allot_seats(group)
    forget(Invitation.objects.filter(Q(email=user.email) | Q(accepted_by=user) | Q(group__owner=user)))
    Group.objects.filter(heir=user).update(heir=None)
    SeatOrder.objects.filter(buyer=user).delete()
    Group.objects.filter(owner=user).delete()
