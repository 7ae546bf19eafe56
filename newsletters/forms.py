"""The form that asks for a letter."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SignupForm(forms.Form):
    """An address, and a field that people don't see and robots fill in."""

    email = forms.EmailField(
        label=_("Your email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "placeholder": "name@example.com"}),
    )
    website = forms.CharField(required=False, max_length=200)

    @property
    def is_from_a_robot(self) -> bool:
        """Say whether the trap was filled in."""
        return bool(self.cleaned_data.get("website"))
