"""Everything held about a reader, asked for and fetched."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.exporting import ExportRefused, ask_for_export, export_at
from accounts.models import Export
from accounts.models.exports import DAYS_KEPT
from accounts.views.account import require_form, signed_in


@require_form
@never_cache
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """Say what an export is and how it stands with the last one; take the wish for one by POST."""
    user = signed_in(request)
    if request.method == "POST":
        try:
            ask_for_export(user)
        except ExportRefused as why:
            messages.error(request, str(why))
        return redirect("accounts:export")
    latest = Export.objects.filter(user=user).first()
    is_there = latest is not None and not latest.is_expired()
    return render(request, "accounts/export.html", {"latest": latest if is_there else None, "days": DAYS_KEPT})


@require_GET
@never_cache
@login_required
def download(request: HttpRequest, token: str) -> HttpResponse | FileResponse:
    """Hand out an export by its link, to nobody but the person it is about."""
    found = export_at(token, signed_in(request))
    if found is None:
        return render(request, "accounts/export_gone.html", status=410)
    name = f"account-{timezone.localtime(found.asked_at):%Y-%m-%d}.zip"
    response = FileResponse(found.file.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
