"""The pages of signing in, where they differ from allauth's."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.stages import LoginByCodeStage, LoginStage
from allauth.account.views import ConfirmLoginCodeView, LoginView
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic.edit import FormView

from accounts import proof_of_work
from accounts.sign_in import SignInByCode


class SignInView(LoginView):
    """Ask for the address, or the password."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: LoginStage) -> HttpResponse:
        """Go on where a code is awaited, without forgetting where the reader wants to go now."""
        response = super()._redirect_to_pending_stage(request, stage)
        response["Location"] = self.passthrough_next_url(response["Location"])
        return response


@method_decorator(login_stage_required(stage=LoginByCodeStage.key, redirect_urlname="account_login"), name="dispatch")
class CodeView(ConfirmLoginCodeView):
    """Take the code, from people we know and people we don't know yet."""

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take up the process of this browser, unless its code has expired."""
        self.stage = request._login_stage  # type: ignore[attr-defined]
        process = SignInByCode.resume(self.stage)
        if process is None:
            return self._start_again(_("That code is too old. Have a new one sent."))
        self._process = process
        response: HttpResponseBase = FormView.dispatch(self, request, *args, **kwargs)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """Count a wrong code, and stop at the last try; one that is too short or long doesn't count."""
        is_no_try = form.has_error("code", code="incomplete") or form.has_error("code", code="required")
        if is_no_try or self._process.record_invalid_attempt():
            return FormView.form_invalid(self, form)
        return self._start_again(_("That was wrong too often, so the code no longer works. Have a new one sent."))

    def _start_again(self, why: str) -> HttpResponseRedirect:
        get_adapter(self.request).add_message(self.request, messages.ERROR, message=why)
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_login")))


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send allauth's separate ways in to the one that we have, with where the reader wants to go."""
    wanted = request.POST.get("next") or request.GET.get("next")
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return HttpResponseRedirect(reverse("account_login") + query)


@require_safe
@never_cache
def challenge(_request: HttpRequest) -> HttpResponse:
    """Give a browser some work to prove."""
    if not settings.ALTCHA:
        raise Http404
    return JsonResponse(proof_of_work.make_challenge())


sign_in = SignInView.as_view()
enter_code = CodeView.as_view()
