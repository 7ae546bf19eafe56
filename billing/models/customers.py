"""Who a reader is at Stripe."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from magazine.holding import held

if TYPE_CHECKING:
    from accounts.models import User


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Words for sets of customers."""

    def at_stripe(self) -> Self:
        """Keep those that Stripe knows."""
        return self.exclude(stripe_id=None)

    def readdressed(self) -> Self:
        """Keep those whose person has another address than Stripe knows."""
        return self.at_stripe().filter(user__is_active=True).exclude(known_email=models.F("user__email"))

    @contextmanager
    def held(self, user: "User") -> Iterator["Customer"]:
        """Hold a reader's row, made on first use, so that nobody else does anything about their money; see `magazine.holding`."""
        row, _is_new = self.get_or_create(user=user)
        with held(self.select_related("user"), row.pk) as customer:
            yield customer


class Customer(models.Model):
    """The tie between one person and one customer at Stripe; its row is the lock of all that concerns them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="customer", verbose_name=_("person"))
    stripe_id = models.CharField(_("id at Stripe"), max_length=255, null=True, blank=True, unique=True)
    # The address that Stripe was told; their own, when it is changed there, is never taken over.
    known_email = models.EmailField(blank=True, editable=False)
    synchronised_at = models.DateTimeField(_("synchronised"), null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_readdressed(self) -> bool:
        """Say whether the person has another address than Stripe knows; twin of `CustomerQuerySet.readdressed`."""
        return self.stripe_id is not None and self.user.is_active and self.known_email != self.user.email
