"""Letters on the web: lists, issues, and the addresses that mails lead to."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from accounts.client_address import client_address, network_of
from articles.access import Reader
from magazine.public_pages import public_page, require_same_origin
from newsletters import optin
from newsletters.forms import SignupForm
from newsletters.models import Issue, Newsletter, Signup
from newsletters.tokens import manage_token, signup_to_confirm, signup_to_manage

ISSUES_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@require_same_origin
@public_page
def index(request: HttpRequest) -> HttpResponse:
    """List the letters one can ask for; take a wish for one, or for the first, by POST."""
    if request.method == "POST":
        chosen = Newsletter.objects.filter(slug=request.POST.get("newsletter", "")).first() or Newsletter.objects.first()
        if chosen is not None:
            return newsletter(request, chosen.slug)
    return render(request, "newsletters/index.html", {"newsletters": Newsletter.objects.all()})


@require_http_methods(["GET", "HEAD", "POST"])
@require_same_origin
@public_page
def newsletter(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a letter with its issues; take a wish for it by POST. The answer is the same for known and unknown addresses."""
    letter = get_object_or_404(Newsletter, slug=slug)
    form = SignupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not form.is_from_a_robot:
            # Not the address: whoever has one of IPv6 has billions.
            network = network_of(client_address(request), timezone.localdate())
            optin.sign_up(letter, email=form.cleaned_data["email"], network=network)
        return HttpResponseRedirect(reverse("newsletters:asked", args=[slug]), status=303)
    issues = letter.issues.published().defer("mail_html", "mail_text", "body_html", "body")[:ISSUES_SHOWN]
    status = 422 if request.method == "POST" else 200
    return render(request, "newsletters/newsletter.html", {"newsletter": letter, "issues": issues, "form": form}, status=status)


@require_GET
@public_page
def asked(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that a mail is on its way."""
    return render(request, "newsletters/asked.html", {"newsletter": get_object_or_404(Newsletter, slug=slug)})


@require_GET
@public_page
def issue(request: HttpRequest, slug: str, issue_slug: str) -> HttpResponse:
    """Show an issue; of a subscribers' letter, everybody else gets the preview."""
    found = get_object_or_404(Issue.objects.published().select_related("newsletter"), newsletter__slug=slug, slug=issue_slug)
    reader = Reader.of(request)
    is_full = not found.newsletter.is_for_subscribers or reader.is_staff or reader.entitlement.opens(found.newsletter.plan_ids)
    body = found.body_html if is_full else found.preview_html
    return render(request, "newsletters/issue.html", {"issue": found, "newsletter": found.newsletter, "body": body, "is_full": is_full})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what will be confirmed; confirm by POST only, because scanners follow links."""
    signup = signup_to_confirm(token)
    if signup is None:
        return render(request, "newsletters/expired.html", status=410)
    is_done = request.method == "POST" and optin.confirm(signup)
    context = {
        "signup": signup,
        "newsletter": signup.newsletter,
        "is_done": is_done or signup.is_confirmed,
        "manage_token": manage_token(signup),
    }
    return render(request, "newsletters/confirm.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop a letter by POST, also by the one click of RFC 8058, which brings neither cookie nor origin."""
    signup = signup_to_manage(token)
    if signup is None:
        return render(request, "newsletters/expired.html", status=404)
    if request.method == "POST":
        optin.unsubscribe(signup)
    context = {
        "signup": signup,
        "newsletter": signup.newsletter,
        "is_done": signup.status == Signup.Status.UNSUBSCRIBED,
        "manage_token": token,
    }
    return render(request, "newsletters/unsubscribe.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Choose which of the letters to get; whoever holds a mail of ours may choose for its address."""
    signup = signup_to_manage(token)
    if signup is None:
        return render(request, "newsletters/expired.html", status=404)
    if request.method == "POST":
        choose(signup, set(request.POST.getlist("newsletters")))
        return HttpResponseRedirect(request.path + "?saved=1", status=303)
    wanted = set(Signup.objects.confirmed().filter(user=signup.user).values_list("newsletter_id", flat=True))
    choices = [(letter, letter.pk in wanted) for letter in Newsletter.objects.all()]
    return render(request, "newsletters/preferences.html", {"choices": choices, "is_saved": "saved" in request.GET})


def choose(signup: Signup, slugs: set[str]) -> None:
    """Begin and stop letters for the person of a sign-up, as chosen."""
    for letter in Newsletter.objects.all():
        if letter.slug in slugs:
            other, _ = Signup.objects.get_or_create(newsletter=letter, user=signup.user)
            if other.status == Signup.Status.UNSUBSCRIBED:
                Signup.objects.filter(pk=other.pk).update(status=Signup.Status.PENDING)
            optin.confirm(other)
        else:
            for other in Signup.objects.confirmed().filter(newsletter=letter, user=signup.user):
                optin.unsubscribe(other)
