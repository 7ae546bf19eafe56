"""How the magazine sells, as its editor decides."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from magazine.one_row import OneRow

MOST_PAUSE_MONTHS = 3
MOST_OFFER_PERCENT = 90
MOST_OFFER_MONTHS = 12


class SellingRules(OneRow):
    """What readers may do with a subscription, and what is offered to those who leave."""

    class TaxBehavior(models.TextChoices):
        INCLUSIVE = "inclusive", _("prices include the tax")
        EXCLUSIVE = "exclusive", _("tax is added to prices")

    pause_months = models.PositiveSmallIntegerField(
        _("longest pause, in months"),
        default=MOST_PAUSE_MONTHS,
        validators=[MaxValueValidator(MOST_PAUSE_MONTHS)],
        help_text=_("For readers who pay by the month. Nothing is charged during a pause, and nothing is open. 0: no pauses."),
    )
    offer_percent = models.PositiveSmallIntegerField(
        _("offer to those who leave, in per cent"),
        default=0,
        validators=[MaxValueValidator(MOST_OFFER_PERCENT)],
        help_text=_("What is taken off the next months for readers who pay by the month and stay, once for each reader. 0: no offer."),
    )
    offer_months = models.PositiveSmallIntegerField(_("months of the offer"), default=3, validators=[MaxValueValidator(MOST_OFFER_MONTHS)])
    takes_codes = models.BooleanField(
        _("promotion codes"), default=False, help_text=_("Readers may enter a code of yours at Stripe’s Checkout. Make codes at Stripe.")
    )
    asks_for_card = models.BooleanField(
        _("card before a trial"), default=True, help_text=_("Without it a trial begins at once, and ends by itself if no card was given.")
    )
    collects_tax = models.BooleanField(
        _("Stripe Tax"), default=False, help_text=_("Let Stripe work out and add taxes. Switch it on at Stripe first.")
    )
    tax_behavior = models.CharField(
        _("prices and tax"),
        max_length=11,
        choices=TaxBehavior,
        default=TaxBehavior.INCLUSIVE,
        help_text=_("For prices that Stripe doesn’t know yet; what it knows keeps what it had."),
    )
    student_domains = models.TextField(
        _("domains of universities"),
        blank=True,
        help_text=_("One line each, such as ox.ac.uk. Whoever signs in by an address there may pay the students’ price."),
    )
    takes_documents = models.BooleanField(
        _("documents of students"), default=False, help_text=_("Others may hand in a document, which the newsroom looks at.")
    )
    # The coupon of the offer, from the day somebody took it; empty again once Stripe has it no more.
    offer_coupon = models.CharField(max_length=255, blank=True, editable=False)
    # The Customer Portal's configuration at Stripe, and what it was made of.
    portal_configuration = models.CharField(max_length=255, blank=True, editable=False)
    portal_mark = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("rules of selling")
        constraints = [
            models.CheckConstraint(condition=Q(pause_months__lte=MOST_PAUSE_MONTHS), name="billing_sellingrules_pause_is_short"),
            models.CheckConstraint(condition=Q(offer_percent__lte=MOST_OFFER_PERCENT), name="billing_sellingrules_offer_costs_something"),
            models.CheckConstraint(condition=Q(offer_months__range=(1, MOST_OFFER_MONTHS)), name="billing_sellingrules_offer_lasts"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def student_domain_list(self) -> list[str]:
        """Return the domains of universities."""
        return [line.strip().lower().lstrip("@.") for line in self.student_domains.splitlines() if line.strip()]
