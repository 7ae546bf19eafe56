"""What readers hold and what they pay."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Configure the app."""

    name = "billing"
    verbose_name = _("Subscriptions")

    def ready(self) -> None:
        """Register what billing holds of a reader."""
        from accounts.privacy import register_part
        from billing import privacy

        register_part("subscriptions", privacy.export, before_deletion=privacy.stop_charging, erase=privacy.erase)
        self._register_giving()

    def _register_giving(self) -> None:
        from billing import contributions, gifts
        from billing.kinds import Purchase, register_purchase
        from billing.mails import register_context
        from billing.models import Kind
        from billing.views.gifts import describe as describe_gift
        from billing.views.support import describe as describe_contribution

        gift = Purchase(gifts.fulfil, "billing/gift_thanks.html", follow_money=gifts.follow_money, describe=describe_gift)
        register_purchase(Kind.GIFT, gift)
        contribution = Purchase(
            contributions.fulfil, "billing/support_thanks.html", follow_money=contributions.follow_money, describe=describe_contribution
        )
        register_purchase(Kind.CONTRIBUTION, contribution)
        for name in ("gift", "gift_bought"):
            register_context(name, gifts.late_context)
