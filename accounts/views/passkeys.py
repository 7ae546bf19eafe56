"""Add a passkey, without the recovery codes that only a second step needs."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.recovery_codes.internal.flows import auto_generate_recovery_codes
from allauth.mfa.webauthn.internal.flows import signup_authenticator
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.mfa import has_second_step


class AddPasskeyView(AddWebAuthnView):
    """Add a passkey or a key; recovery codes come with the second step, for whoever switches that on."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep what the device made, tell the reader by mail, and lead to the list or to the new codes."""
        user = self.request.user
        signup_authenticator(self.request, user, form.cleaned_data["name"], form.cleaned_data["credential"])
        get_adapter().send_notification_mail("mfa/email/webauthn_added", user)
        if has_second_step(user) and auto_generate_recovery_codes(self.request):
            return redirect("mfa_view_recovery_codes")
        return redirect("mfa_list_webauthn")


add_passkey = AddPasskeyView.as_view()
