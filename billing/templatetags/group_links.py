"""Whole addresses of groups, for mails: a link that lets somebody in is made as the mail goes out, and lies in no row."""

from django import template

from billing import group_links
from magazine.addresses import whole_address

register = template.Library()


@register.simple_tag
def invitation_address(invitation: int, sent: int) -> str:
    """Return where the seat of an invitation is taken."""
    return group_links.address_of(group_links.invitation_token(invitation, sent))


@register.simple_tag
def group_address(pk: int) -> str:
    """Return where a group is looked after."""
    return whole_address("billing:group", pk)


@register.simple_tag
def groups_address() -> str:
    """Return where somebody sees the groups they are in."""
    return whole_address("billing:groups")
