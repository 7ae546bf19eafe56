"""The mails about money in the newsroom: what went out, and what an editor has to decide on."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.admin.reading import ReadOnlyAdmin
from billing.models import Mail


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """Look at mails, and send those again that were given up."""

    list_display = ("name", "user", "status", "send_at", "sent_at", "attempts", "last_error")
    list_filter = ("status", "name")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "key")
    date_hierarchy = "created_at"
    actions = ("send_again",)
    exclude = ("context",)

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
