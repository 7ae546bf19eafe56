"""How allauth meets our people."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.client_address import client_address
from accounts.emails import normalise_email
from accounts.letters import dress
from accounts.models import User
from accounts.social import disconnect_strangers
from magazine.languages import keep_language
from magazine.models import Identity


class AccountAdapter(DefaultAccountAdapter):
    """Say it in the magazine's voice, and know an address in whatever form it is typed."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("Address and password don’t belong together. You can also have a code sent to you."),
        "incorrect_code": _("That is not the code we sent. Look again, or have a new one sent."),
        "incorrect_password": _("That is not your password."),
        "invalid_password_reset": _("This link has been used or is too old."),
        "email_taken": _("This address can’t be used."),
        "rate_limited": _("That was too often. Wait a minute, then try again."),
        "too_many_login_attempts": _("That was too often. Wait a few minutes, then try again."),
    }

    def clean_email(self, email: str) -> str:
        """Return an address in its one form."""
        return normalise_email(super().clean_email(email))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that limits count by."""
        return client_address(request)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Go on in the language that the reader chose."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.language:
            keep_language(response, user.language)
        return response

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Note that an address is proved, and make the account its owner's alone."""
        disconnect_strangers(email_address.user, request=request)
        is_proved: bool = super().confirm_email(request, email_address)
        return is_proved

    def get_login_stages(self) -> list[str]:
        """Put our second step in the place of allauth's."""
        stages: list[str] = super().get_login_stages()
        return ["accounts.mfa.SecondStep" if stage == "allauth.mfa.stages.AuthenticateStage" else stage for stage in stages]

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Offer a passkey before the codes of an app that the reader may not have."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        order = ["reauthenticate", "mfa_reauthenticate:webauthn", "mfa_reauthenticate"]
        return sorted(methods, key=lambda method: order.index(method["id"]) if method["id"] in order else len(order))

    def format_email_subject(self, subject: str) -> str:
        """Leave the subject as it is written."""
        return subject

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        """Make a letter of a text template, and the same words as HTML in the magazine's dress."""
        context = context | {"identity": Identity.load()}
        mail = super().render_mail(template_prefix, email, context, headers)
        if isinstance(mail, EmailMultiAlternatives) and not mail.alternatives:
            dress(mail, context)
        return mail
