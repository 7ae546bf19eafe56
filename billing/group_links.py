"""The links that let people into a group: signed by us, so that none is kept anywhere, and an owner can be shown theirs again.

The signature has 256 bits. A join link dies with its group's count, an invitation's with its next mail.
"""

import re

from django.core.signing import BadSignature, Signer

from billing.models import Group, Invitation
from magazine.addresses import whole_address

SALT = "billing.groups.links"
CONTENT = re.compile(r"([gi])([1-9][0-9]{0,17})-([0-9]{1,9})")


def join_token(group: Group) -> str:
    """Return the token of a group's join link as it is now."""
    return _signer().sign(f"g{group.pk}-{group.link_generation}")


def invitation_token(pk: int, sent: int) -> str:
    """Return the token that one mail of an invitation holds."""
    return _signer().sign(f"i{pk}-{sent}")


def address_of(token: str) -> str:
    """Return where a token is used."""
    return whole_address("billing:group_door", token)


def door_of(token: str) -> Group | Invitation | None:
    """Return what a token opens: a group, or an invitation whatever became of it; None for one that opens nothing."""
    try:
        content = CONTENT.fullmatch(_signer().unsign(token))
    except BadSignature:
        return None
    if content is None:
        return None
    kind, pk, count = content.groups()
    if kind == "g":
        return Group.objects.select_related("subscription", "owner").filter(pk=pk, link_generation=count, has_link=True).first()
    invitations = Invitation.objects.select_related("group__subscription", "group__owner", "invited_by")
    return invitations.filter(pk=pk, sent=count).first()


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")
