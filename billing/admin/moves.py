"""Move readers to other prices, and decide who studies."""

from typing import cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from accounts.models import User
from billing import moving
from billing.admin.reading import ReadOnlyAdmin
from billing.models import PriceMigration, PriceMove, StudentProof
from billing.students import decide


@admin.register(PriceMigration)
class PriceMigrationAdmin(ModelAdmin):
    """Prepare a migration, look at whom it concerns, and start it."""

    list_display = ("from_price", "to_price", "notice_days", "started_at", "started_by")
    list_select_related = ("from_price__plan", "to_price__plan", "started_by")
    change_form_template = "admin/billing/pricemigration/change_form.html"

    def has_change_permission(self, request: HttpRequest, obj: PriceMigration | None = None) -> bool:
        """Keep what readers were told."""
        return super().has_change_permission(request, obj) and (obj is None or not obj.is_started)

    def has_delete_permission(self, request: HttpRequest, obj: PriceMigration | None = None) -> bool:
        """Keep what readers were told."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_started)

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks before anybody is told."""
        start = path("<int:pk>/start/", self.admin_site.admin_view(self.start_view), name="billing_pricemigration_start")
        return [start, *super().get_urls()]

    def start_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say how many readers pay what; start by POST."""
        migration = get_object_or_404(PriceMigration.objects.select_related("from_price__plan", "to_price__plan"), pk=pk)
        back = HttpResponseRedirect(reverse("admin:billing_pricemigration_changelist"))
        if not request.user.has_perm("billing.change_pricemigration"):
            raise PermissionDenied
        if migration.is_started:
            messages.info(request, _("It has been started already."))
            return back
        if request.method == "POST":
            try:
                count = moving.start_migration(migration, by=cast(User, request.user))
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, ngettext("%(n)d reader is told.", "%(n)d readers are told.", count) % {"n": count})
            return back
        context = {"title": str(migration), "migration": migration, "readers": moving.counted(migration), "opts": self.opts}
        return render(request, "admin/billing/pricemigration/start.html", self.admin_site.each_context(request) | context)


@admin.register(PriceMove)
class PriceMoveAdmin(ReadOnlyAdmin):
    """Look at who was told of another price, and whether they pay it."""

    list_display = ("subscription", "from_price", "to_price", "state", "noticed_at", "not_before", "settled_at")
    list_filter = ("state",)
    list_select_related = ("subscription__user", "from_price__plan", "to_price__plan")
    search_fields = ("subscription__user__email", "subscription__stripe_id")


@admin.register(StudentProof)
class StudentProofAdmin(ReadOnlyAdmin):
    """Look at what students hand in, and decide."""

    list_display = ("user", "kind", "state", "document", "asked_at", "decided_at", "valid_until")
    list_filter = ("state", "kind")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    exclude = ("evidence",)
    actions = ("accept", "refuse")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Let those who look after students decide."""
        return request.user.has_perm("billing.change_studentproof")

    @admin.display(description=_("document"))
    def document(self, proof: StudentProof) -> SafeString | str:
        """Link a document that waits."""
        if not proof.evidence:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("admin:billing_studentproof_document", args=[proof.pk]), _("Open"))

    @admin.action(description=_("Accept for a year"), permissions=["decide"])
    def accept(self, request: HttpRequest, queryset: QuerySet[StudentProof]) -> None:
        """Give the chosen readers the students' price."""
        self._decide(request, queryset, StudentProof.State.ACCEPTED)

    @admin.action(description=_("Refuse"), permissions=["decide"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[StudentProof]) -> None:
        """Tell the chosen readers that this doesn't prove it."""
        self._decide(request, queryset, StudentProof.State.REFUSED)

    def _decide(self, request: HttpRequest, queryset: QuerySet[StudentProof], state: str) -> None:
        count = sum(decide(proof, state, by=cast(User, request.user)) for proof in queryset.waiting().select_related("user"))  # type: ignore[attr-defined]
        words = ngettext("%(n)d decided, and the document erased.", "%(n)d decided, and the documents erased.", count)
        messages.success(request, words % {"n": count})

    def get_urls(self) -> list[URLPattern]:
        """Add the way to a document, which no other address leads to."""
        document = path("<int:pk>/document/", self.admin_site.admin_view(self.document_view), name="billing_studentproof_document")
        return [document, *super().get_urls()]

    def document_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """Hand a document to whoever decides on it, as a file that no browser runs."""
        proof = get_object_or_404(StudentProof.objects.waiting(), pk=pk)
        if not self.has_decide_permission(request):
            raise PermissionDenied
        if not proof.evidence:
            raise Http404
        response = FileResponse(proof.evidence.open("rb"), as_attachment=True, content_type="application/octet-stream")
        for name, value in {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}.items():
            response.headers[name] = value
        return response
