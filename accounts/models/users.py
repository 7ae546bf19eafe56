"""One person, whether they read, pay, comment, write or only take the letter."""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.emails import normalise_email

# Rows that belong to the account itself, and are no use that somebody made of it.
OWN_ROWS = ("account.EmailAddress", "socialaccount.SocialAccount")


class UserQuerySet(models.QuerySet["User"]):
    """Words for sets of people."""

    def with_email(self, address: str) -> Self:
        """Keep the person of an address, however it is written."""
        return self.filter(email=normalise_email(address))

    def never_used(self, *, before: datetime) -> Self:
        """Keep those from before a moment who never signed in, proved no address, and to whom no row of any app refers."""
        found = self.filter(last_login=None, is_staff=False, is_superuser=False, joined_at__lt=before)
        found = found.exclude(emailaddress__verified=True)
        for relation in User._meta.get_fields(include_hidden=True):
            if isinstance(relation, ForeignObjectRel) and relation.related_model._meta.label not in OWN_ROWS:
                rows = relation.related_model._base_manager.filter(**{relation.field.name: models.OuterRef("pk")})
                found = found.exclude(models.Exists(rows))
        return found


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Make people from their address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person; without a password they sign in by an emailed code."""
        user: User = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def of_address(self, email: str) -> "User":
        """Return the person of an address, made if there is none; two requests at once make one."""
        user: User = self.get_or_create(email=normalise_email(email), defaults={"password": make_password(None)})[0]
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make an editor-in-chief."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        """Look a person up by their address, however it is written."""
        user: User = self.get(email=normalise_email(username or ""))
        return user


def picture_name(user: "User", filename: str) -> str:
    """Return a name for a picture that tells nothing of its reader, and is never given twice."""
    return f"readers/{uuid4().hex}.webp"


class User(AbstractBaseUser, PermissionsMixin):
    """A person; the email is the name they sign in with."""

    email = models.EmailField(_("email"), unique=True, max_length=254)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_staff = models.BooleanField(_("works in the newsroom"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    picture = models.FileField(_("picture"), upload_to=picture_name, blank=True)
    language = models.CharField(_("language of the site"), max_length=16, blank=True)
    session_generation = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_unique_whatever_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the address in its one form."""
        self.email = normalise_email(self.email)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row, and the picture with it."""
        storage, name = self.picture.storage, self.picture.name
        deleted = super().delete(*args, **kwargs)
        if name:
            transaction.on_commit(lambda: storage.delete(name))
        return deleted

    def keep_language(self, code: str) -> None:
        """Remember the language that this person reads the site in; empty for what the browser asks for."""
        type(self).objects.filter(pk=self.pk).update(language=code)
        self.language = code

    def sign_out_everywhere(self) -> None:
        """End all sessions of this person, on whatever machine."""
        type(self).objects.filter(pk=self.pk).update(session_generation=models.F("session_generation") + 1)
        self.refresh_from_db(fields=["session_generation"])
        self.usersession_set.all().delete()  # type: ignore[attr-defined]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must know to be this person's: changes with the password and when all sessions are ended."""
        known = f"{self.session_generation}:{self.password}"
        return salted_hmac("accounts.models.User.session", known, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        """Return the name shown to editors."""
        return self.name or self.email

    def get_short_name(self) -> str:
        """Return the name a letter greets."""
        return self.name.split(" ")[0] if self.name else ""
