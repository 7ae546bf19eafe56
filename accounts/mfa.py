"""The second step of signing in: for those only who switched it on."""

from collections.abc import Iterable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


class SecondStep(AuthenticateStage):
    """Ask for the app's code or a key after the code of the mail or the password.

    A passkey that signs in alone is a first step: whoever has one still gets in by a code when their phone is elsewhere.
    """

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        return user is not None and has_second_step(user) and bool(super()._should_handle(request))


def has_second_step(user: AbstractBaseUser) -> bool:
    """Say whether somebody switched a second step on."""
    return is_second_step_among(Authenticator.objects.filter(user_id=user.pk))


def is_second_step_among(authenticators: Iterable[Authenticator]) -> bool:
    """Say whether one of these is asked for after a code: an app, or a key that was added for that."""
    return any(one.type == Authenticator.Type.TOTP or _is_key_for_it(one) for one in authenticators)


def _is_key_for_it(authenticator: Authenticator) -> bool:
    if authenticator.type != Authenticator.Type.WEBAUTHN:
        return False
    wrapped: Any = authenticator.wrap()
    return not wrapped.is_passwordless
