"""How signing in by another site's account meets our people.

An address that the other site calls verified signs its reader in, or makes their account. One that it doesn't is proved by a code
first; if somebody here has it already, that person gets a mail and the one in front of the browser gets nothing.
"""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.forms import DisconnectForm
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django import forms
from django.http import HttpRequest

from accounts.emails import normalise_email
from accounts.models import User
from accounts.throwaway import is_throwaway


class SocialAdapter(DefaultSocialAccountAdapter):
    """Take over the name, know an address in whatever form it comes, and keep what we need and no more."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Bring addresses into their one form."""
        for address in sociallogin.email_addresses:
            address.email = normalise_email(address.email)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Give a new person the name that the other site knows."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        user.name = (data.get("name") or " ".join(part for part in parts if part))[: User._meta.get_field("name").max_length]
        return user

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Make no account for a mailbox that is gone tomorrow."""
        return not any(is_throwaway(address.email) for address in sociallogin.email_addresses)


class LettingGoForm(DisconnectForm):
    """Disconnect any account, the last one too: the code by mail always works, where allauth would want a password."""

    def clean(self) -> dict[str, Any] | None:
        """Have nothing against it."""
        return forms.Form.clean(self)


def disconnect_strangers(user: User, *, request: HttpRequest | None = None) -> None:
    """Let go of what was connected to an account before any address of it was proved; call it before the first proof is noted.

    Anybody can begin an account for an address that isn't theirs, and would have a way into it once its owner came. What the browser
    of this request came by stays: who reads the code there and connected it are one person.
    """
    if EmailAddress.objects.filter(user=user, verified=True).exists():
        return
    records = get_authentication_records(request, user) if request is not None else []
    came_by = {(record["provider"], record["uid"]) for record in records if record["method"] == "socialaccount"}
    for account in SocialAccount.objects.filter(user=user):
        if (account.provider, account.uid) not in came_by:
            account.delete()
