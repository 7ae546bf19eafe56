"""Where readers prove that they study, and buy at the students' price."""

import logging
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from billing.forms import EvidenceForm
from billing.limits import is_one_document_too_many, is_one_too_many
from billing.models import Price, SellingRules, StudentProof
from billing.students import hand_in, has_university_address, is_student, prove_by_address
from billing.views.selling import to_stripe, too_often

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def students(request: HttpRequest) -> HttpResponse:
    """Show the students' prices and how to prove that one studies; a POST hands in a proof."""
    reader = cast(User, request.user)
    form = EvidenceForm(request.POST, request.FILES) if request.method == "POST" else EvidenceForm()
    if request.method == "POST":
        if is_one_document_too_many(request):
            return too_often(request)
        if "address" in request.POST:
            return _by_address(request, reader)
        if not SellingRules.load().takes_documents:
            return redirect("billing:students")
        if form.is_valid():
            hand_in(reader, form.cleaned_data["evidence"])
            messages.success(request, _("Thank you. We look at it by hand, and write to you."))
            return redirect("billing:students")
    context = {
        "form": form,
        "rules": SellingRules.load(),
        "prices": Price.objects.for_proven_students().select_related("plan"),
        "proof": StudentProof.objects.in_force().filter(user=reader).order_by("-valid_until").first(),
        "is_waiting": StudentProof.objects.waiting().filter(user=reader).exists(),
        "has_address": has_university_address(reader),
    }
    return render(request, "billing/students.html", context)


def _by_address(request: HttpRequest, reader: User) -> HttpResponse:
    if is_student(reader) or prove_by_address(reader):
        messages.success(request, _("That proves it. The students’ price is yours for a year."))
    else:
        messages.error(request, _("We don’t know your address as one of a university."))
    return redirect("billing:students")


@require_POST
@login_required
def checkout(request: HttpRequest, price: int) -> HttpResponse:
    """Send a student to Stripe to pay the students' price."""
    offered = get_object_or_404(Price.objects.for_proven_students().select_related("plan"), pk=price)
    reader = cast(User, request.user)
    if not is_student(reader):
        messages.info(request, _("Please prove first that you study."))
        return redirect("billing:students")
    if is_one_too_many(request):
        return too_often(request)
    return to_stripe(request, reader, offered, {"next": "", "came_from": ""})
