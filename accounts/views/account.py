"""The reader's own page, and what they can do there."""

from typing import cast

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.deletion import ask_for_deletion, undo_deletion
from accounts.forms import DeletionForm, LanguageForm, NameForm, PictureForm
from accounts.mfa import is_second_step_among
from accounts.models import Deletion, User
from accounts.pictures import keep_picture, remove_picture
from accounts.privacy import DeletionRefused
from magazine.languages import keep_language, name_of

require_form = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show who the reader is, and lead to everything that is theirs."""
    user = signed_in(request)
    methods = list(Authenticator.objects.filter(user=user))
    context = {
        "sessions": UserSession.objects.filter(user=user).count(),
        "methods": {method.type for method in methods},
        "has_social_logins": bool(settings.SOCIALACCOUNT_PROVIDERS),
        "connections": list(SocialAccount.objects.filter(user=user)) if settings.SOCIALACCOUNT_PROVIDERS else [],
        "has_second_step": is_second_step_among(methods),
        "deletion": Deletion.objects.filter(user=user).first(),
        "language": name_of(user.language),
        "hour": timezone.localtime().hour,
    }
    return render(request, "accounts/account.html", context)


@require_form
@never_cache
@login_required
def name(request: HttpRequest) -> HttpResponse:
    """Change the name."""
    # A copy, because a form writes what is wrong into its instance, and the masthead greets by it.
    form = NameForm(request.POST or None, instance=User.objects.get(pk=signed_in(request).pk))
    if request.method == "POST" and form.is_valid():
        User.objects.filter(pk=form.instance.pk).update(name=form.cleaned_data["name"])
        messages.success(request, _("Your name is changed."))
        return redirect("accounts:account")
    return render(request, "accounts/name.html", {"form": form})


@require_form
@never_cache
@login_required
def picture(request: HttpRequest) -> HttpResponse:
    """Take a picture in, or away."""
    user = signed_in(request)
    if request.method == "POST" and "remove" in request.POST:
        remove_picture(user)
        messages.success(request, _("Your picture is gone."))
        return redirect("accounts:account")
    form = PictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        keep_picture(user, form.cleaned_data["picture"])
        messages.success(request, _("Your picture is changed."))
        return redirect("accounts:account")
    return render(request, "accounts/picture.html", {"form": form})


@require_form
@never_cache
@login_required
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the site, here and wherever one signs in from now on."""
    user = signed_in(request)
    form = LanguageForm(request.POST if request.method == "POST" else None, initial={"language": user.language})
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["language"]
        user.keep_language(code)
        response = redirect("accounts:account")
        keep_language(response, code)
        return response
    return render(request, "accounts/language.html", {"form": form})


@require_POST
@never_cache
@login_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one device out; the list says the rest."""
    session = UserSession.objects.filter(user=signed_in(request), pk=pk).first()
    if session is not None:
        session.end()
        messages.success(request, _("That device is signed out."))
    return redirect("usersessions_list")


@require_form
@never_cache
@login_required
def delete(request: HttpRequest) -> HttpResponse:
    """Say what deleting means and take the wish; while it can be undone, offer that."""
    user = signed_in(request)
    deletion = Deletion.objects.filter(user=user).first()
    form = DeletionForm(request.POST or None)
    refusal = ""
    if request.method == "POST" and deletion is None and form.is_valid():
        try:
            ask_for_deletion(user, erases_comments=form.erases_comments)
        except DeletionRefused as why:
            refusal = str(why)
        else:
            logout(request)
            return redirect("accounts:deleted")
    return render(request, "accounts/delete.html", {"form": form, "deletion": deletion, "refusal": refusal})


@require_POST
@never_cache
@login_required
def keep(request: HttpRequest) -> HttpResponse:
    """Undo a deletion."""
    if undo_deletion(signed_in(request)):
        messages.success(request, _("Your account stays. If you have a subscription, it was stopped; you can let it run on under billing."))
    return redirect("accounts:account")


@require_GET
@never_cache
def deleted(request: HttpRequest) -> HttpResponse:
    """Say goodbye, and how to come back."""
    return render(request, "accounts/deleted.html")


def signed_in(request: HttpRequest) -> User:
    """Return who is signed in, behind `login_required`."""
    return cast(User, request.user)
