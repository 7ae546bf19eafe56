"""What people type in to sign in and about themselves."""

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    ConfirmLoginCodeForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import proof_of_work
from accounts.emails import normalise_email
from accounts.models import User
from accounts.pictures import draw
from accounts.sign_in import SignInByCode
from accounts.throwaway import is_throwaway
from magazine import form_tokens

EMAIL_MAX_LENGTH = 254
CODE_LENGTH: int = settings.ACCOUNT_LOGIN_BY_CODE_FORMAT["length"]
SEEN_SALT = "accounts.sign-in"
# Even who lets the browser fill in the address takes that long.
SEEN_MIN_SECONDS = 2


class AddressField(forms.EmailField):
    """An email address, taken in its one form."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Email address"))
        kwargs.setdefault("max_length", EMAIL_MAX_LENGTH)
        kwargs.setdefault("error_messages", {"invalid": _("This doesn’t look like an email address. Is the @ there, and what follows it?")})
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("autocomplete", "email")

    def to_python(self, value: Any) -> str:
        """Return the one form of what was typed."""
        return normalise_email(super().to_python(value) or "")


class SignInForm(LoginForm):
    """Ask for the address, and for a password of those who chose that way (`?with=password`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField()

    @property
    def asks_for_password(self) -> bool:
        """Say whether a password is wanted instead of a code."""
        request: HttpRequest | None = self.request
        return request is not None and (request.POST or request.GET).get("with") == "password"

    @property
    def seen(self) -> str:
        """Return a new signed time for the page; the same for everybody."""
        return form_tokens.make_token(salt=SEEN_SALT)

    @property
    def asks_for_work(self) -> bool:
        """Say whether browsers prove some work before they get a code."""
        return bool(settings.ALTCHA) and not self.asks_for_password

    def clean(self) -> dict[str, Any]:
        """Let a person try again where a robot may have filled the form in; nobody's address is looked up before."""
        if not self.asks_for_password and self._is_a_robots():
            raise ValidationError(
                _("This page was open for too long, or sent faster than people type. Your address is still here: please send it once more.")
            )
        # A mistyped address is no code asked for.
        if self.asks_for_work and not self.errors and self._is_an_unsolved_too_many():
            raise ValidationError(
                _(
                    "Without JavaScript we send only a few codes an hour, and those are gone. "
                    "Your address is still here: switch JavaScript on and reload the page, or send it again in an hour."
                )
            )
        cleaned: dict[str, Any] = super().clean()
        return cleaned

    def _is_a_robots(self) -> bool:
        """Say whether the trap was filled in, or the page never seen. Passwords need neither: wrong ones are counted."""
        return bool(self.data.get("website")) or not form_tokens.is_human(
            self.data.get("seen", ""), salt=SEEN_SALT, min_seconds=SEEN_MIN_SECONDS
        )

    def _is_an_unsolved_too_many(self) -> bool:
        """Say whether no work was proved, once too often."""
        return (
            self.request is not None
            and not proof_of_work.is_solved(self.data.get("altcha", ""))
            and proof_of_work.is_one_unsolved_too_many(self.request)
        )

    def _setup_password_field(self) -> None:
        if not self.asks_for_password:
            del self.fields["password"]

    def _login_by_code(self, request: HttpRequest, redirect_url: str | None, credentials: dict[str, Any]) -> HttpResponse:
        SignInByCode.begin(request, email=credentials["email"], user=self.user)
        query = f"?{urlencode({'next': redirect_url})}" if redirect_url else ""
        return redirect(reverse("account_confirm_login_code") + query)


class CodeForm(ConfirmLoginCodeForm):
    """Take the code, however it is spaced."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Longer than the code, because a pasted one may have spaces.
        self.fields["code"].widget.attrs = {
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "maxlength": CODE_LENGTH * 2,
            "autofocus": True,
        }

    def clean_code(self) -> str:
        """Compare the code; one that can't be whole is sent back without a try being counted."""
        digits = len(normalize_user_code(self.cleaned_data["code"]))
        if digits != CODE_LENGTH:
            says = ngettext(
                "That code has %(digits)d digit; we sent %(length)d.", "That code has %(digits)d digits; we sent %(length)d.", digits
            )
            raise ValidationError(says, code="incomplete", params={"digits": digits, "length": CODE_LENGTH})
        code: str = super().clean_code()
        return code


class NewAddressForm(AddEmailForm):
    """Ask for the address to change to."""

    email = AddressField(label=_("New address"), help_text=_("We send a code there first; until you enter it, nothing changes."))

    def clean_email(self) -> str:
        """Take no address that is gone tomorrow; whether it is known makes no difference."""
        if is_throwaway(self.cleaned_data["email"]):
            raise ValidationError(_("Mailboxes of this service last only minutes. Please take an address that you keep."))
        address: str = super().clean_email()
        return address


class ForgottenPasswordForm(ResetPasswordForm):
    """Ask where to send the link; the mail goes to the address as we know it, never as it was typed."""

    email = AddressField()


class NewPasswordMixin:
    """Say in one line what a password must be."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = _(
            "Ten characters at least. Four words that don’t belong together are easy to keep and hard to guess."
        )
        self.fields["password2"].label = _("The same again")


class FirstPasswordForm(NewPasswordMixin, SetPasswordForm):
    """Set a password where there was none."""


class OtherPasswordForm(NewPasswordMixin, ChangePasswordForm):
    """Change the password."""


class ReplacedPasswordForm(NewPasswordMixin, ResetPasswordKeyForm):
    """Set a password by the link in a mail."""


class PasskeyForm(AddWebAuthnForm):
    """Add a passkey; as what one signs in with, unless the reader wants it as a second step only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("So that you can tell it from others, for example: my phone.")
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = _("Sign in with it alone")
        passwordless.help_text = _(
            "It then asks for your finger, face or PIN. Without this it is a second step after the code or password."
        )


class NameForm(forms.ModelForm):
    """Change the name a reader goes by."""

    class Meta:
        model = User
        fields = ["name"]
        help_texts = {"name": _("Shown beside your comments, and how our letters greet you.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"


class PictureForm(forms.Form):
    """Take a picture in; what comes out is drawn anew."""

    picture = forms.FileField(
        label=_("Picture"),
        help_text=_("JPEG, PNG, WebP, GIF or AVIF, at most 10 MB. We cut it square, and keep neither place nor camera."),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        error_messages={"required": _("Choose a picture first.")},
    )

    def clean_picture(self) -> bytes:
        """Return the picture as it is kept."""
        return draw(self.cleaned_data["picture"])


class LanguageForm(forms.Form):
    """Choose the language of the site's own words."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Of the site’s own words: buttons, dates, letters about your account. Articles stay as they are written."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
        self.fields["language"].choices = [("", _("As my browser asks")), *known]  # type: ignore[attr-defined]


class DeletionForm(forms.Form):
    """Say what shall become of one's comments, and mean it."""

    KEEP, ERASE = "keep", "erase"

    comments = forms.ChoiceField(
        label=_("Your comments"),
        choices=[(KEEP, _("Leave them standing, without my name")), (ERASE, _("Erase their text too"))],
        initial=KEEP,
        widget=forms.RadioSelect,
    )
    is_certain = forms.BooleanField(
        label=_("Yes, delete my account"), error_messages={"required": _("Tick this, so that nobody deletes an account by accident.")}
    )

    @property
    def erases_comments(self) -> bool:
        """Say whether the comments go too."""
        return bool(self.cleaned_data["comments"] == self.ERASE)
