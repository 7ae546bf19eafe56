"""People, as the newsroom sees them."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from accounts.emails import normalise_email
from accounts.models import User

POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")

# One way in for everybody: /admin/ asks for the same sign-in, and readers are told kindly that it isn't for them.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Secrets of people's sign-in; nothing in them is for the newsroom.
for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Everybody, whether they read, pay, comment or write."""

    list_display = ("email", "name", "is_staff", "is_active", "joined_at", "last_login")
    list_filter = ("is_staff", "is_active", "groups", "joined_at")
    search_fields = ("email", "name")
    ordering = ("-joined_at",)
    date_hierarchy = "joined_at"
    list_per_page = 50
    show_full_result_count = False
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = ("joined_at", "last_login")
    actions = ("sign_out_everywhere",)
    fieldsets = (
        (None, {"fields": ("email", "name", "is_active")}),
        (_("In the newsroom"), {"fields": POWERS}),
        (_("When"), {"fields": ("joined_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name"), "description": _("They sign in by a code that is sent to this address.")}),)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Ask for little when somebody is added."""
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Let only an editor-in-chief give powers."""
        return self.readonly_fields if _is_chief(request) else (*self.readonly_fields, *POWERS)

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> type[forms.ModelForm]:
        """Refuse an address that somebody has, however it is written."""
        form: type[forms.ModelForm] = super().get_form(request, obj, change=change, **kwargs)
        return type("PersonForm", (PersonMixin, form), {})

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Keep colleagues' accounts from each other: whoever sets an address can sign in by it."""
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Keep colleagues, and oneself, from being deleted by the way."""
        return super().has_delete_permission(request, obj) and _may_touch(request, obj) and obj != request.user

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """Save; a new address has to be proved again, and the sessions of the old one end."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()
            obj.sign_out_everywhere()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Delete what hangs on a person with them, whoever may see it on its own."""
        deleted, counts, _perms_needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Leave out whom this editor may not delete."""
        super().delete_queryset(request, _touchable(request, queryset).exclude(email=request.user.get_username()))

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End all sessions of the people chosen."""
        people = list(_touchable(request, queryset))
        for person in people:
            person.sign_out_everywhere()
        says = ngettext("%(count)d person is signed out everywhere.", "%(count)d people are signed out everywhere.", len(people))
        self.message_user(request, says % {"count": len(people)}, messages.SUCCESS)


class PersonMixin:
    """The check of a person's address."""

    instance: User
    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        """Return the one form of the address, if nobody else has it."""
        others = User.objects.with_email(self.cleaned_data["email"]).exclude(pk=self.instance.pk or 0)
        if others.exists():
            raise forms.ValidationError(_("Somebody has this address already."))
        return normalise_email(self.cleaned_data["email"])


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """What a role may do; for editors-in-chief only, because it is a way to powers."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let editors-in-chief make roles."""
        return _is_chief(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Let editors-in-chief change roles."""
        return _is_chief(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Let editors-in-chief delete roles."""
        return _is_chief(request)


def _is_chief(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


def _may_touch(request: HttpRequest, person: User | None) -> bool:
    return _is_chief(request) or person is None or not (person.is_staff or person.is_superuser)


def _touchable(request: HttpRequest, people: QuerySet[User]) -> QuerySet[User]:
    return people if _is_chief(request) else people.filter(is_staff=False, is_superuser=False)
