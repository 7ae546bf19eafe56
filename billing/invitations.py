"""Offer seats to addresses: each by a mail whose link works once, for a time, and until it is taken back."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.emails import normalise_email
from accounts.models import User
from billing.mails import drop_mails, queue_mail
from billing.models import Group, Invitation, Mail
from billing.models.groups import last_moment
from billing.seats import GroupRefused
from magazine.counting import count_up

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

MOST_MAILS = 5
# Of one group, whoever gets them: seats can be offered and taken back without end.
MAILS_A_DAY = 300
DAY_SECONDS = 24 * 3600


def invite(group: Group, by: User, addresses: "Iterable[str]") -> int:
    """Offer a seat to each address that has none; returns how many mails go out, and raises GroupRefused where seats are lacking."""
    with transaction.atomic():
        locked = Group.objects.locked(group.pk)
        if not locked.is_running():
            raise GroupRefused(_("The subscription of this group doesn’t run. Start it again first."))
        wanted = dict.fromkeys(normalise_email(address) for address in addresses)
        invited = set(locked.invitations.open().values_list("email", flat=True))
        seated = set(locked.memberships.present().filter(user__email__in=wanted).values_list("user__email", flat=True))
        new = [address for address in wanted if address not in invited | seated]
        free = free_seats(locked)
        if len(new) > free:
            words = ngettext("You have %(count)d seat to offer.", "You have %(count)d seats to offer.", free) % {"count": free}
            raise GroupRefused(words + " " + _("Invite fewer people, or add seats first."))
        # What expired makes room for a new one.
        locked.invitations.unanswered().filter(email__in=new).update(revoked_at=timezone.now())
        for address in new:
            _send(Invitation.objects.create(group=locked, email=address, invited_by=by))
    return len(new)


def free_seats(group: Group) -> int:
    """Return how many seats nobody has and nobody is offered."""
    return max(0, group.seats() - group.memberships.present().count() - group.invitations.open().count())


def send_again(invitation: Invitation) -> None:
    """Send an invitation once more, with a link of its own; the one before is dead. Raises GroupRefused."""
    with transaction.atomic():
        locked = Group.objects.locked(invitation.group_id)
        found = locked.invitations.unanswered().filter(pk=invitation.pk).first()
        if found is None or not locked.is_running():
            raise GroupRefused(_("This invitation can’t be sent any more."))
        if found.sent >= MOST_MAILS:
            raise GroupRefused(_("That address has had enough of our mails. Give them the join link in another way."))
        if not found.is_open() and not free_seats(locked):
            raise GroupRefused(_("All seats are taken or offered."))
        found.sent, found.sent_at, found.expires_at = found.sent + 1, timezone.now(), last_moment()
        found.save(update_fields=["sent", "sent_at", "expires_at"])
        _send(found)


def revoke(invitation: Invitation) -> bool:
    """Take an invitation back; return whether it could still be."""
    drop_mails(key_prefix=_key(invitation))
    return bool(Invitation.objects.unanswered().filter(pk=invitation.pk).update(revoked_at=timezone.now()))


def forget(invitations: "QuerySet[Invitation]") -> int:
    """Delete invitations with the mails about them, for the sake of the addresses; return how many there were."""
    old = list(invitations)
    for invitation in old:
        with transaction.atomic():
            Mail.objects.filter(key__startswith=_key(invitation)).delete()
            invitation.delete()
    return len(old)


def _send(invitation: Invitation) -> None:
    if count_up(f"billing:invitations:{invitation.group_id}", seconds=DAY_SECONDS) > MAILS_A_DAY:
        raise GroupRefused(_("That is as many invitations as we send for one group in a day. Go on tomorrow."))
    known = User.objects.with_email(invitation.email).filter(is_active=True).first()
    context = {"invitation": invitation.pk, "sent": invitation.sent}
    # As whoever invites them reads the site, who knows them best.
    language = (invitation.invited_by.language if invitation.invited_by else "") or get_language() or ""
    key = f"{_key(invitation)}{invitation.sent}"
    queue_mail("group_invitation", key=key, to=known or invitation.email, context=context, language=language)


def _key(invitation: Invitation) -> str:
    return f"group-invitation:{invitation.pk}:"
