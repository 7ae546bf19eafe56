"""Gift links in the newsroom: who gave what, and how far it got."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from articles.gifts import revoke_gift
from articles.models import GiftLink

STATE_COLOURS = {"open": "success", "spent": "warning", "expired": "info", "revoked": "danger"}


@admin.register(GiftLink)
class GiftLinkAdmin(ModelAdmin):
    """Gift links: look at them, and take them back."""

    list_display = ("article", "giver", "created_at", "expires_at", "opened", "state_label")
    list_select_related = ("article", "giver")
    list_filter = ("created_at", "expires_at")
    search_fields = ("article__title", "giver__email", "giver__name")
    date_hierarchy = "created_at"
    actions = ("take_back",)

    @display(description=_("opens"), ordering="opens")
    def opened(self, gift: GiftLink) -> str:
        """Return in how many browsers it was opened, of how many."""
        return f"{gift.opens} / {gift.max_opens}"

    @display(description=_("state"), label=STATE_COLOURS)
    def state_label(self, gift: GiftLink) -> tuple[str, str]:
        """Return what somebody new who follows it meets."""
        return gift.state.value, str(gift.state.label)

    @admin.action(description=_("Take back"), permissions=["revoke"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[GiftLink]) -> None:
        """Close the chosen links, also to those who opened them."""
        gifts = list(queryset.filter(revoked_at=None))
        for gift in gifts:
            revoke_gift(gift)
        words = ngettext("%(count)d link opens nothing any more.", "%(count)d links open nothing any more.", len(gifts))
        messages.success(request, words % {"count": len(gifts)})

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Let those take gifts back who may change them."""
        return request.user.has_perm("articles.change_giftlink")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Gifts are made beside an article."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: GiftLink | None = None) -> bool:
        """There is nothing to change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: GiftLink | None = None) -> bool:
        """Taken back they tell more than deleted."""
        return False
