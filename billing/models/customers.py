"""Who a reader is at Stripe."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

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

    def locked(self, user: "User") -> "Customer":
        """Return a reader's row, made on first use, and let nobody else have it until the transaction ends.

        SQLite has no row locks: there the immediate transaction holds the whole database, which comes to the same.
        """
        self.get_or_create(user=user)
        return self.select_related("user").select_for_update(of=("self",)).get(user=user)


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
