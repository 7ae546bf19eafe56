"""Sign in, or create an account, by a code sent to the address: one flow, so that neither tells who is known."""

from typing import Any, Self

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import EmailAddress, Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.social import disconnect_strangers
from accounts.throwaway import is_throwaway


class SignInByCode(LoginCodeVerificationProcess):
    """A code on its way to an address, whoever that is.

    allauth sends a code only to people it knows. Here everybody gets the same letter, and somebody new becomes an account when the
    code comes back.
    """

    @classmethod
    def begin(cls, request: HttpRequest, *, email: str, user: User | None) -> Self:
        """Send a code to an address and remember in the session that one is awaited."""
        login = Login(user=user, email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=user, email=email), initiated_by_user=True)
        process = cls(stage=stage)
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, stage: LoginByCodeStage) -> Self | None:
        """Return the process whose code is awaited, None if it has expired."""
        process: Self | None = cls(stage=stage).abort_if_invalid()
        return process

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        """Send a new code, or say by mail why there is none: on the page, it would tell who is known."""
        context: dict[str, Any] = {"request": self.request, "code": self.generate_code()}
        is_welcome = self.user is not None or not is_throwaway(email)
        get_adapter().send_mail("account/email/login_code" if is_welcome else "account/email/throwaway_address", email, context)

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """Sign the person in, who has shown that the address is theirs."""
        self._user = person_of(self.state["email"], known=self.user)
        response: HttpResponse = super().finish(redirect_url)
        return response


@transaction.atomic
def person_of(email: str, *, known: User | None) -> User:
    """Return the person of an address that was just proved, created or with the proof noted."""
    user = known or User.objects.of_address(email)
    disconnect_strangers(user)
    address, _ = EmailAddress.objects.get_or_create(user=user, email=email)
    if not address.verified and address.set_verified(commit=False):
        address.primary = not EmailAddress.objects.filter(user=user, primary=True).exclude(pk=address.pk).exists()
        address.save(update_fields=["verified", "primary"])
    return user
