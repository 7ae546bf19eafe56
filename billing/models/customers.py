"""Who a reader is at Stripe."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    """The tie between one person and one customer at Stripe; its row is the lock of all that concerns them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="customer", verbose_name=_("person"))
    stripe_id = models.CharField(_("id at Stripe"), max_length=255, null=True, blank=True, unique=True)
    synchronised_at = models.DateTimeField(_("synchronised"), null=True, blank=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return str(self.user)
