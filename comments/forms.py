"""The form for a new comment."""

import unicodedata
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from articles.models import Article, Person
from comments.models import BODY_MAX_LENGTH, Comment
from comments.tokens import is_valid

# Controls that turn or hide text; the joiners that emoji need stay.
INVISIBLE = dict.fromkeys([0x200B, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def clean_text(text: str) -> str:
    """Return text in NFC without control, direction and zero-width characters."""
    text = unicodedata.normalize("NFC", text).translate(INVISIBLE)
    return "".join(character for character in text if character in "\n\t" or unicodedata.category(character) != "Cc").strip()


class CommentForm(forms.Form):
    """A new comment, of somebody signed in or of a guest."""

    comment = forms.CharField(
        label=_("Comment"),
        max_length=BODY_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Please write something.")},
    )
    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label=_("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    # A field that people don't see and robots fill in.
    website = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, article: Article, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.article, self.user = article, user
        self.answered: Comment | None = None
        if user is not None:
            del self.fields["email"]
            self.fields["name"].required = False
            self.fields["name"].initial = user.name

    def clean_comment(self) -> str:
        """Return the text without what can't be seen."""
        text = clean_text(self.cleaned_data["comment"])
        if not text:
            raise forms.ValidationError(_("Please write something."))
        return text

    def clean_name(self) -> str:
        """Return the name on one line."""
        name = " ".join(clean_text(self.cleaned_data.get("name", "")).split())
        if not name:
            name = self.user.name if self.user else ""
        if not name:
            raise forms.ValidationError(_("Please say how we may call you."))
        if Person.objects.filter(Q(name__iexact=name) | Q(native_name__iexact=name)).exclude(user=self.user, user__isnull=False).exists():
            raise forms.ValidationError(_("That is the name of somebody who writes here. Please take another."))
        return name

    def clean_parent(self) -> int | None:
        """Accept a comment to answer only if everybody can read it, under this article."""
        pk = self.cleaned_data.get("parent")
        if pk:
            self.answered = Comment.objects.published().on(self.article).filter(pk=pk).first()
            if self.answered is None:
                raise forms.ValidationError(_("The comment you answer is no longer there. Yours is still below."))
        return pk

    def clean(self) -> dict[str, Any]:
        """Refuse forms that are forged, filled in by a robot, or a day old; the text comes back."""
        data = super().clean() or {}
        if data.get("website") or not is_valid(data.get("token") or "", self.article):
            raise forms.ValidationError(
                _("This form was open for too long or sent too fast. Your text is still here: please send it once more.")
            )
        return data
