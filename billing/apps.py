"""What readers hold and what they pay."""

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.db import transaction
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User


class BillingConfig(AppConfig):
    """Configure the app."""

    name = "billing"
    verbose_name = _("Subscriptions")

    def ready(self) -> None:
        """Register what billing holds of a reader, and what becomes of each kind of purchase."""
        from allauth.account.signals import email_changed

        from accounts.privacy import register_part
        from billing import group_privacy, privacy

        # Groups first: they may refuse, and nothing should be stopped before.
        register_part("groups", group_privacy.export, before_deletion=group_privacy.refuse_to_strand_members, erase=group_privacy.erase)
        register_part("subscriptions", privacy.export, before_deletion=privacy.stop_charging, erase=privacy.erase)
        email_changed.connect(self._tell_new_address, dispatch_uid="billing-new-address")
        self._register_giving()
        self._register_groups()

    @staticmethod
    def _tell_new_address(user: "User", **kwargs: object) -> None:
        from billing.tasks import tell_address_of

        transaction.on_commit(lambda: tell_address_of.delay(user.pk), robust=True)

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
        register_context("gift_accepted", gifts.accepted_context)

    def _register_groups(self) -> None:
        from billing import group_mails, seats
        from billing.kinds import Purchase, register_purchase
        from billing.mails import register_context
        from billing.models import Kind

        group = Purchase(
            seats.fulfil,
            "billing/group_thanks.html",
            prepare=seats.prepare,
            abandon=seats.abandon,
            follow_subscription=seats.follow_subscription,
        )
        register_purchase(Kind.GROUP, group)
        late = {"group_joined": group_mails.joined, "group_heir": group_mails.offered, "group_invitation": group_mails.invited}
        for name, late_context in late.items():
            register_context(name, late_context)
