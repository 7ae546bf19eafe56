"""Libraries, schools and companies whose people read everything."""

from datetime import datetime
from ipaddress import ip_network
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import validate_domain_name
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.open_domains import OPEN_TO_ANYBODY

# Nobody owns more than this, and a slip of the pen would open the magazine to the world.
WIDEST_PREFIX = {4: 8, 6: 19}


class InstitutionQuerySet(models.QuerySet["Institution"]):
    """Words for sets of institutions."""

    def in_force(self, *, at: datetime | None = None) -> Self:
        """Keep those whose time it is."""
        moment = at or timezone.now()
        return self.filter(models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=moment), starts_at__lte=moment)

    def not_over(self) -> Self:
        """Keep those whose time is now or to come."""
        return self.filter(models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=timezone.now()))


class Institution(models.Model):
    """Whoever reads from its networks, or has proved an email address at its domains, reads everything between its dates."""

    name = models.CharField(_("name"), max_length=160)
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: without an end."))
    note = models.TextField(_("note"), blank=True, help_text=_("For the newsroom: a contact, an agreement."))

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")), name="articles_institution_lasts"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_in_force(self, *, at: datetime | None = None) -> bool:
        """Say whether it is its time; twin of `InstitutionQuerySet.in_force`."""
        moment = at or timezone.now()
        return self.starts_at <= moment and (self.ends_at is None or self.ends_at > moment)


def one_network(text: str) -> None:
    """Raise ValidationError for what is no network of a size that somebody owns."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise ValidationError(_("Write a network as 192.0.2.0/24 or 2001:db8::/32.")) from error
    if network.prefixlen < WIDEST_PREFIX[network.version]:
        raise ValidationError(_("“%(network)s” is larger than any institution."), params={"network": network})


class InstitutionNetwork(models.Model):
    """A network of an institution, IPv4 or IPv6."""

    institution = models.ForeignKey(Institution, models.CASCADE, related_name="networks", verbose_name=_("institution"))
    network = models.CharField(_("network"), max_length=49, validators=[one_network], help_text=_("For example 192.0.2.0/24."))

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")
        ordering = ["network"]
        constraints = [models.UniqueConstraint(fields=["institution", "network"], name="articles_institutionnetwork_once")]

    def __str__(self) -> str:
        return self.network

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the network in its one form. Raises ValidationError for what is none."""
        one_network(self.network)
        self.network = str(ip_network(self.network.strip(), strict=False))
        super().save(*args, **kwargs)


def one_domain(text: str) -> None:
    """Raise ValidationError for a domain that isn't an institution's own."""
    domain = plain_domain(text)
    validate_domain_name(domain)
    if "." not in domain:
        raise ValidationError(_("Write a domain as university.example."))
    if domain in OPEN_TO_ANYBODY:
        raise ValidationError(_("Anybody can have an address at %(domain)s."), params={"domain": domain})


def plain_domain(text: str) -> str:
    """Return a domain in its one form."""
    return text.strip().rpartition("@")[2].rstrip(".").lower()


class InstitutionDomain(models.Model):
    """A domain of an institution's email addresses; those below it count too."""

    institution = models.ForeignKey(Institution, models.CASCADE, related_name="domains", verbose_name=_("institution"))
    domain = models.CharField(_("domain"), max_length=253, validators=[one_domain], help_text=_("For example university.example."))

    class Meta:
        verbose_name = _("email domain")
        verbose_name_plural = _("email domains")
        ordering = ["domain"]
        constraints = [models.UniqueConstraint(fields=["institution", "domain"], name="articles_institutiondomain_once")]

    def __str__(self) -> str:
        return self.domain

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the domain in its one form. Raises ValidationError for what is none."""
        one_domain(self.domain)
        self.domain = plain_domain(self.domain)
        super().save(*args, **kwargs)
