"""The desk's letters: write, test, send, watch."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from newsletters import sending
from newsletters.models import Delivery, Issue, Newsletter, NewsletterPlan, Signup


class PlanInline(TabularInline):
    """The plans that a letter comes with."""

    model = NewsletterPlan
    fields = ("plan",)
    extra = 0


@admin.register(Newsletter)
class NewsletterAdmin(ModelAdmin):
    """Letters."""

    list_display = ("name", "audience", "schedule", "readers")
    prepopulated_fields = {"slug": ["name"]}
    inlines = (PlanInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Newsletter]:
        """Count the readers with the list."""
        return super().get_queryset(request).annotate(readers=Count("signups", filter=Q(signups__status=Signup.Status.CONFIRMED)))

    @display(description=_("readers"), ordering="readers")
    def readers(self, newsletter: Newsletter) -> int:
        """Return how many get it."""
        return newsletter.readers  # type: ignore[attr-defined]


@admin.register(Signup)
class SignupAdmin(ModelAdmin):
    """Who gets which letter."""

    list_display = ("user", "newsletter", "status", "confirmed_at")
    list_filter = ("status", "newsletter")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user", "newsletter")
    autocomplete_fields = ("user",)
    readonly_fields = ("asked_at", "confirmed_at", "unsubscribed_at")


@admin.register(Issue)
class IssueAdmin(ModelAdmin):
    """Issues: what has been sent stays as it was."""

    list_display = ("subject", "newsletter", "status_label", "sent_at", "progress", "send_link")
    list_filter = ("status", "newsletter")
    search_fields = ("subject", "body")
    list_select_related = ("newsletter",)
    prepopulated_fields = {"slug": ["subject"]}
    fields = ("newsletter", "number", "subject", "preheader", "slug", "body", "state", "progress", "send_link")
    readonly_fields = ("state", "progress", "send_link")

    def has_change_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        """Let drafts be changed, and nothing that has gone out."""
        return super().has_change_permission(request, obj) and (obj is None or obj.status in {Issue.Status.DRAFT, Issue.Status.SCHEDULED})

    def get_prepopulated_fields(self, request: HttpRequest, obj: Issue | None = None) -> dict[str, Any]:
        """Make the slug from the subject while the issue can be changed."""
        return self.prepopulated_fields if self.has_change_permission(request, obj) else {}

    @display(
        description=_("status"),
        label={
            "draft": "info",
            "scheduled": "warning",
            "sending": "warning",
            "sent": "success",
            "needs_review": "danger",
            "paused": "warning",
        },
    )
    def status_label(self, issue: Issue) -> tuple[str, str]:
        """Return the state as a coloured label."""
        return issue.status, issue.get_status_display()

    @display(description=_("status"))
    def state(self, issue: Issue) -> str:
        """Return the state in words."""
        return issue.get_status_display()

    @display(description=_("progress"))
    def progress(self, issue: Issue) -> str:
        """Return how many letters were accepted, of how many, and what went wrong."""
        counts = dict(issue.deliveries.values_list("status").annotate(Count("pk"))) if issue.pk else {}
        if not counts:
            return "–"
        told = (Delivery.Status.FAILED, Delivery.Status.UNCONFIRMED, Delivery.Status.SKIPPED)
        problems = [f"{status.label}: {counts[status]}" for status in told if counts.get(status)]
        return ", ".join([f"{counts.get(Delivery.Status.ACCEPTED, 0)} / {sum(counts.values())}", *problems])

    @display(description=_("send"))
    def send_link(self, issue: Issue) -> str:
        """Return the way to the page that sends it."""
        if not issue.pk:
            return str(_("Save the issue first."))
        return format_html('<a href="{}">{}</a>', reverse("admin:newsletters_issue_send", args=[issue.pk]), _("Test and send"))

    def get_urls(self) -> list[URLPattern]:
        """Add the page that tests and sends."""
        send = path("<int:pk>/send/", self.admin_site.admin_view(self.send_view), name="newsletters_issue_send")
        return [send, *super().get_urls()]

    def send_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show who will get an issue; test, send, pause or resume it by POST."""
        issue = get_object_or_404(Issue.objects.select_related("newsletter"), pk=pk)
        if not self.has_view_permission(request) or not request.user.has_perm("newsletters.change_issue"):
            raise PermissionDenied
        if request.method == "POST":
            self._act(request, issue, request.POST.get("do", ""))
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": issue.subject,
            "issue": issue,
            "opts": self.opts,
            "readers": Signup.objects.confirmed().filter(newsletter=issue.newsletter).count(),
            "progress": self.progress(issue),
            "can_start": issue.status in {Issue.Status.DRAFT, Issue.Status.SCHEDULED},
        }
        return render(request, "admin/newsletters/issue/send.html", context)

    def _act(self, request: HttpRequest, issue: Issue, what: str) -> None:
        """Do what a button of the sending page says."""
        if what == "test":
            sending.send_test(issue, to=request.user)  # type: ignore[arg-type]
            messages.success(request, _("A test is on its way to %(email)s.") % {"email": request.user.email})  # type: ignore[union-attr]
        elif what == "start" and sending.start(issue):
            messages.success(request, _("The issue is being sent."))
        elif what == "pause" and sending.pause(issue):
            messages.success(request, _("Paused. Nothing more goes out until you resume."))
        elif what == "resume" and sending.resume(issue):
            messages.success(request, _("Going on."))
        else:
            messages.warning(request, _("That was done already, or can’t be done now."))
