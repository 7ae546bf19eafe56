"""What we hold about a reader, across all apps: each registers how to export its part, and how to let go of it.

Apps above this one call `register_part` in their `AppConfig.ready`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.files import File

from accounts.models import User

Export = Callable[[User], Any]
BeforeDeletion = Callable[[User, bool], None]
Erase = Callable[[User, bool], None]
Files = Callable[[User], Iterable[tuple[str, File]]]


class DeletionRefused(Exception):  # noqa: N818 - reads as what happened
    """An account can't be deleted now; the message says why, to its reader."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one app holds of a reader.

    `export` returns what Django's JSON encoder takes, `files` what is kept as files, by name. `before_deletion` is called when the
    reader asks, and again when it is carried out (then told True); it raises DeletionRefused to stop it. `erase` is told whether the
    reader's own words go too; it runs in the transaction of the deletion, and is for what doesn't go with the row of the person.
    """

    name: str
    export: Export
    before_deletion: BeforeDeletion | None = None
    erase: Erase | None = None
    files: Files | None = None


parts: dict[str, Part] = {}


def register_part(
    name: str, export: Export, *, before_deletion: BeforeDeletion | None = None, erase: Erase | None = None, files: Files | None = None
) -> None:
    """Add an app's part; registering a name again replaces it."""
    parts[name] = Part(name, export, before_deletion, erase, files)


def own_part(user: User) -> dict[str, Any]:
    """Return what accounts itself holds; secrets of sign-in methods stay where they are."""
    return {
        "email": user.email,
        "name": user.name,
        "picture": user.picture.name or None,
        "language": user.language or None,
        "joined_at": user.joined_at,
        "last_sign_in_at": user.last_login,
        "has_password": user.has_usable_password(),
        "works_in_the_newsroom": user.is_staff,
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "sign_in_methods": list(Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")),
        "accounts_elsewhere": list(
            SocialAccount.objects.filter(user=user).values("provider", "uid", "date_joined", "last_login", "extra_data")
        ),
        "sessions": list(UserSession.objects.filter(user=user).values("created_at", "last_seen_at", "ip", "user_agent")),
    }


def own_files(user: User) -> list[tuple[str, File]]:
    """Return the picture."""
    return [("picture.webp", user.picture)] if user.picture else []
