"""The mails about money in the newsroom: what went out, and what an editor has to decide on."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.admin.reading import ReadOnlyAdmin
from billing.models import Mail

SUBJECTS = {
    "action_required": _("a payment waits for the bank’s confirmation"),
    "cancelled": _("subscription cancelled"),
    "card_expiring": _("card expires soon"),
    "contribution": _("thanks for a contribution"),
    "disputed": _("a payment was disputed"),
    "ended": _("subscription ended"),
    "gift": _("a gift, to whom it is for"),
    "gift_accepted": _("a gift was accepted"),
    "gift_bought": _("a gift, to who bought it"),
    "group_heir": _("asked to take over a group"),
    "group_invitation": _("invitation to a group"),
    "group_joined": _("somebody joined the group"),
    "group_price_change": _("notice of another price, to a group"),
    "group_shrunk": _("the group has fewer seats"),
    "lapsed": _("trial ended without a card"),
    "payment_failed": _("payment failed"),
    "price_change": _("notice of another price"),
    "receipt": _("receipt"),
    "renewal": _("yearly renewal ahead"),
    "student_accepted": _("student: accepted"),
    "student_ended": _("student: the price ends"),
    "student_refused": _("student: refused"),
    "student_reminder": _("student: prove it again"),
    "trial_ending": _("trial ends soon"),
}


class KindFilter(admin.SimpleListFilter):
    """Filter by what a mail is about, in words."""

    title = _("mail")
    parameter_name = "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every kind of mail."""
        return [(name, str(words)) for name, words in SUBJECTS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        """Keep the mails of the chosen kind."""
        return queryset.filter(name=self.value()) if self.value() else queryset


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """Look at mails, and send those again that were given up."""

    list_display = ("what", "recipient", "status", "send_at", "sent_at", "attempts", "last_error")
    list_filter = ("status", KindFilter)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "key")
    date_hierarchy = "created_at"
    actions = ("send_again",)
    exclude = ("context", "name", "key")
    readonly_fields = ("what",)

    @admin.display(description=_("mail"), ordering="name")
    def what(self, mail: Mail) -> str:
        """Say in words what the mail is about."""
        return str(SUBJECTS.get(mail.name, mail.name))

    @admin.display(description=_("to"), ordering="user")
    def recipient(self, mail: Mail) -> str:
        """Name the person, or the address of somebody who is none of ours."""
        return str(mail.user or mail.address)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Let those who look after mails send them again."""
        return request.user.has_perm("billing.change_mail")

    @admin.action(description=_("Send again what was given up, or perhaps not sent"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        """Put the chosen mails that were given up back; the sweep sends them within a minute."""
        given_up = Mail.objects.given_up().filter(pk__in=queryset.values("pk"))
        count = given_up.update(status=Mail.Status.WAITING, attempts=0, send_at=timezone.now())
        words = ngettext("%(count)d mail goes out within a minute.", "%(count)d mails go out within a minute.", count)
        messages.success(request, words % {"count": count})
