"""What people give: subscriptions to others, and money to the magazine."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.admin.reading import ReadOnlyAdmin, day_of
from billing.contributions import forget_totals
from billing.gifts import renew_link, revoke
from billing.models import Contribution, ContributionSettings, GiftSubscription
from magazine.one_row_admin import OneRowAdmin


class GiftStateFilter(admin.SimpleListFilter):
    """Choose by what waits for somebody."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return what can be chosen."""
        return [("open", _("not accepted yet")), ("undelivered", _("mail did not arrive")), ("redeemed", _("accepted"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what was chosen."""
        words = {
            "open": GiftSubscription.objects.redeemable,
            "undelivered": GiftSubscription.objects.undelivered,
            "redeemed": GiftSubscription.objects.filter(redeemed_at__isnull=False).all,
        }
        word = words.get(self.value() or "")
        return queryset.filter(pk__in=word().values("pk")) if word else queryset


@admin.register(GiftSubscription)
class GiftSubscriptionAdmin(ReadOnlyAdmin):
    """Look after gift subscriptions: send a link again, withdraw one."""

    list_display = ("buyer", "plan", "months", "display", "state", "delivery", "paid_at", "redeemed_by", "ends_at")
    list_filter = (GiftStateFilter, "plan")
    list_select_related = ("buyer", "plan", "redeemed_by", "mail")
    search_fields = ("buyer__email", "buyer__name", "redeemed_by__email", "recipient_email", "stripe_payment_intent_id")
    date_hierarchy = "paid_at"
    actions = ("send_again", "withdraw")
    exclude = ("currency", "amount")
    readonly_fields = ("display", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[GiftSubscription]:
        """Leave out what was never paid."""
        return GiftSubscription.objects.paid()

    @admin.display(description=_("amount"), ordering="amount")
    def display(self, gift: GiftSubscription) -> str:
        """Show the amount as people write it."""
        return gift.display

    @admin.display(description=_("state"))
    def state(self, gift: GiftSubscription) -> str:
        """Show how far it has come."""
        return str(gift.state.label)

    @admin.display(description=_("mail"))
    def delivery(self, gift: GiftSubscription) -> str:
        """Show what became of its mail."""
        return gift.mail.get_status_display() if gift.mail else ""

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Let those who look after gifts act on them."""
        return request.user.has_perm("billing.change_giftsubscription")

    @admin.action(description=_("Send a new link by mail"), permissions=["manage"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[GiftSubscription]) -> None:
        """Send the chosen gifts once more to the address there is."""
        sent = sum(renew_link(gift, recipient_email=gift.recipient_email) for gift in queryset.exclude(recipient_email=""))
        words = ngettext(
            "%(count)d gift is sent again; its old link is dead.", "%(count)d gifts are sent again; their old links are dead.", sent
        )
        messages.success(request, words % {"count": sent})
        if left := queryset.count() - sent:
            words = ngettext(
                "%(count)d has no address any more, or can’t be accepted: its buyer can make a new link in their account.",
                "%(count)d have no address any more, or can’t be accepted: their buyers can make a new link in their account.",
                left,
            )
            messages.warning(request, words % {"count": left})

    @admin.action(description=_("Withdraw (refunds nothing by itself)"), permissions=["manage"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[GiftSubscription]) -> None:
        """End the chosen gifts, accepted or not."""
        ended = sum(revoke(gift) for gift in queryset)
        words = ngettext("%(count)d gift is withdrawn.", "%(count)d gifts are withdrawn.", ended)
        messages.success(request, words % {"count": ended})


@admin.register(ContributionSettings)
class ContributionSettingsAdmin(OneRowAdmin):
    """Edit what contributions allow, and what is said about them."""


@admin.register(Contribution)
class ContributionAdmin(ReadOnlyAdmin):
    """Look at what was given, and choose whose names and words stand on the support page."""

    list_display = ("user", "given", "interval", "name", "message", "is_public", "is_approved", "paid_on", "withdrawn_on")
    list_filter = ("interval", "is_public", "is_approved")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "name", "stripe_payment_intent_id", "stripe_subscription_id")
    date_hierarchy = "paid_at"
    exclude = ("currency", "amount")
    readonly_fields = ("given",)
    actions = ("show_on_page", "take_off_page")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contribution]:
        """Leave out what was never paid."""
        return Contribution.objects.paid()

    @admin.display(description=_("amount"), ordering="amount")
    def given(self, contribution: Contribution) -> str:
        """Show the amount as people write it."""
        return contribution.display

    @admin.display(description=_("first paid"), ordering="paid_at")
    def paid_on(self, contribution: Contribution) -> str:
        """Show the day on which it was first paid."""
        return day_of(contribution.paid_at)

    @admin.display(description=_("money gone back"), ordering="withdrawn_at")
    def withdrawn_on(self, contribution: Contribution) -> str:
        """Show the day on which the money went back."""
        return day_of(contribution.withdrawn_at)

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Let those who look after contributions choose."""
        return request.user.has_perm("billing.change_contribution")

    @admin.action(description=_("Show on the support page"), permissions=["manage"])
    def show_on_page(self, request: HttpRequest, queryset: QuerySet[Contribution]) -> None:
        """Show the names and words of those who agreed to it."""
        shown = queryset.filter(is_public=True).exclude(name="").update(is_approved=True)
        forget_totals()
        words = ngettext("%(count)d of them is on the support page.", "%(count)d of them are on the support page.", shown)
        messages.success(request, words % {"count": shown})

    @admin.action(description=_("Take off the support page"), permissions=["manage"])
    def take_off_page(self, request: HttpRequest, queryset: QuerySet[Contribution]) -> None:
        """Show them no more."""
        queryset.update(is_approved=False)
        forget_totals()
