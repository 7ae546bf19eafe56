"""What the mails about groups are told when they are sent.

No row keeps a name of somebody else: they may leave us, and it would stay.
"""

from typing import Any

from billing.models import Group, Invitation, Mail, Membership


def joined(mail: Mail) -> dict[str, Any] | None:
    """Tell an owner who took a seat; nobody once they left it."""
    member = Membership.objects.present().select_related("group", "user").filter(pk=mail.context["member"]).first()
    return {"group": member.group.name, "pk": member.group_id, "who": str(member.user)} if member else None


def offered(mail: Mail) -> dict[str, Any] | None:
    """Tell a member who would hand a group over to them; nobody once that was taken back."""
    group = Group.objects.select_related("owner").filter(pk=mail.context["pk"], heir=mail.user_id).first()
    return {"group": group.name, "owner": str(group.owner)} if group else None


def invited(mail: Mail) -> dict[str, Any] | None:
    """Tell somebody who offers them a seat in what; nobody once the link is dead."""
    open_ones = Invitation.objects.open().select_related("group", "invited_by")
    found = open_ones.filter(pk=mail.context["invitation"], sent=mail.context["sent"]).first()
    if found is None:
        return None
    by = found.invited_by.name if found.invited_by else ""
    return {"group": found.group.name, "by": by, "expires_at": found.expires_at}
