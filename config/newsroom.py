"""The newsroom's own pages: what is in its sidebar, and what needs me today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from articles.admin.permissions import PUBLISH_ANY, own
from articles.models import Article, DailyReads
from articles.private_feeds import feeds_read_by_many
from billing.catalogue import is_at_stripe
from billing.entitlements import entitled_user_ids
from billing.models import DoubleSubscription, Mail, Payment, Plan, Reconciliation, StudentProof, Subscription, WebhookEvent
from comments.models import Comment
from magazine.models import Identity
from magazine.theme import icon_version, mixed, readable

Words = str | Promise
ROWS = 6
CHART_DAYS = 14
# What Unfold's shades of the accent stand on: its buttons carry white words, its darkest sidebar coloured ones.
BUTTON_WORDS = "#ffffff"
NIGHT = "#111827"
TINTS = {"50": 0.05, "100": 0.1, "200": 0.22, "300": 0.42, "400": 0.7}
SHADES = {"700": 0.15, "800": 0.32, "900": 0.5, "950": 0.68}

INCOME = _("Income")
# Group, then model and icon (Material Symbols) of each entry. Whatever an app registers besides stands under "More".
SIDEBAR: tuple[tuple[Words, tuple[tuple[str, str], ...]], ...] = (
    (
        _("Magazine"),
        (
            ("articles.Article", "article"),
            ("articles.FrontSlot", "newspaper"),
            ("articles.Image", "image"),
            ("articles.File", "attach_file"),
            ("articles.Person", "person_edit"),
            ("articles.Section", "account_tree"),
            ("articles.Tag", "sell"),
            ("articles.Series", "library_books"),
        ),
    ),
    (
        _("Readers"),
        (
            ("comments.Comment", "forum"),
            ("accounts.User", "badge"),
            ("newsletters.Newsletter", "mail"),
            ("newsletters.Issue", "outgoing_mail"),
            ("newsletters.Signup", "contact_mail"),
            ("articles.Institution", "account_balance"),
            ("articles.GiftLink", "featured_seasonal_and_gifts"),
            ("articles.PrivateFeed", "rss_feed"),
        ),
    ),
    (
        INCOME,
        (
            ("billing.Subscription", "card_membership"),
            ("billing.Payment", "payments"),
            ("billing.Mail", "forward_to_inbox"),
            ("billing.Plan", "sell"),
            ("billing.PriceMigration", "trending_up"),
            ("billing.StudentProof", "school"),
            ("billing.Cancellation", "logout"),
            ("billing.Grant", "redeem"),
            ("billing.GiftSubscription", "card_giftcard"),
            ("billing.Group", "groups"),
            ("billing.Contribution", "volunteer_activism"),
            ("billing.ContributionSettings", "favorite"),
        ),
    ),
    (
        "Stripe",
        (
            ("billing.WebhookEvent", "receipt_long"),
            ("billing.Reconciliation", "balance"),
            ("billing.DoubleSubscription", "content_copy"),
            ("billing.CheckoutAttempt", "shopping_cart"),
            ("billing.Customer", "contacts"),
        ),
    ),
    (
        _("Site"),
        (
            ("magazine.Identity", "settings"),
            ("articles.PaywallSettings", "lock_open"),
            ("articles.CallToAction", "campaign"),
            ("billing.SubscriptionSettings", "storefront"),
            ("billing.SellingRules", "rule_settings"),
            ("comments.CommentSettings", "rule"),
            ("articles.Redirect", "alt_route"),
        ),
    ),
)


# Two lists whose models are both called people.
TITLES: dict[str, Words] = {"articles.Person": _("Bylines"), "accounts.User": _("Accounts")}


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits: how much of it, and where it is done."""

    label: Words
    count: int
    url: str


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar: the lists that somebody may see, by subject."""
    named = {label for _title, entries in SIDEBAR for label, _icon in entries}
    groups = [{"title": "", "separator": False, "items": [{"title": _("Today"), "icon": "today", "link": reverse("admin:index")}]}]
    for title, entries in SIDEBAR:
        items = [_entry(label, icon) for label, icon in entries if _is_registered(label)]
        if title == INCOME:
            items.insert(
                0,
                {
                    "title": _("Income"),
                    "icon": "monitoring",
                    "link": reverse("admin:billing_income"),
                    "permission": _may_view("billing", "term"),
                },
            )
        if items:
            groups.append({"title": title, "separator": True, "collapsible": False, "items": items})
    rest = [model._meta.label for model in admin.site._registry if model._meta.label not in named]
    if rest:
        groups.append(
            {"title": _("More"), "separator": True, "collapsible": True, "items": [_entry(label, "folder") for label in sorted(rest)]}
        )
    return groups


def _is_registered(label: str) -> bool:
    app_label, model_name = label.split(".")
    try:
        return admin.site.is_registered(apps.get_model(app_label, model_name))
    except LookupError:
        return False


def _entry(label: str, icon: str) -> dict[str, Any]:
    """Return a line of the sidebar, for those who may see the list."""
    meta = apps.get_model(label)._meta
    return {
        "title": TITLES.get(label) or capfirst(meta.verbose_name_plural),
        "icon": icon,
        "link": reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"),
        "permission": _may_view(meta.app_label, str(meta.model_name)),
    }


def _may_view(app_label: str, model_name: str) -> Callable[[HttpRequest], bool]:
    def may(request: HttpRequest) -> bool:
        user = request.user
        return user.has_perm(f"{app_label}.view_{model_name}") or user.has_perm(f"{app_label}.change_{model_name}")

    return may


def accent_shades(request: HttpRequest) -> dict[str, str]:
    """Return the magazine's accent in the eleven shades that Unfold wants, light to dark."""
    accent = Identity.load().accent
    button = readable(accent, (BUTTON_WORDS,), towards="#000000")
    by_night = readable(accent, (NIGHT,), towards="#ffffff")
    tints = {weight: mixed("#ffffff", by_night, share) for weight, share in TINTS.items()}
    shades = {weight: mixed(button, "#000000", share) for weight, share in SHADES.items()}
    return tints | {"500": by_night, "600": button} | shades


def magazine_name(request: HttpRequest) -> str:
    """Return whose newsroom this is."""
    return Identity.load().name


def magazine_icon(request: HttpRequest) -> str:
    """Return the address of the magazine's icon."""
    return reverse("magazine:icon", args=[icon_version(Identity.load())])


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what needs this person today to the newsroom's first page."""
    articles = Article.objects.defer(
        "body", "body_html", "notes_html", "preview_html", "preview_notes_html", "text", "preview_text", "outline"
    )
    if not request.user.has_perm(PUBLISH_ANY):
        articles = own(articles, request.user)
    articles = articles.select_related("section")
    days = reads_a_day(CHART_DAYS)
    return context | {
        "title": _("Today"),
        "tasks": [task for task in _tasks(request) if task.count],
        "in_review": articles.filter(status=Article.Status.IN_REVIEW).order_by("saved_at")[:ROWS],
        "scheduled": articles.scheduled().order_by("published_at")[:ROWS],
        "drafts": articles.filter(status=Article.Status.DRAFT).order_by("-saved_at")[:ROWS],
        "recent": articles.published().newest_first()[:ROWS],
        "most_read": Article.objects.published().most_read().only("title", "slug", "popularity", "status", "published_at")[:ROWS],
        "days": days,
        "reads_in_chart": sum(reads for _day, reads, _share in days),
        "chart_days": CHART_DAYS,
        "subscriber_count": entitled_user_ids().count() if request.user.has_perm("billing.view_subscription") else None,
        "may_write": request.user.has_perm("articles.add_article"),
    }


def _tasks(request: HttpRequest) -> list[Task]:
    """Return what waits for this person."""
    tasks = []
    articles = reverse("admin:articles_article_changelist")
    if request.user.has_perm(PUBLISH_ANY):
        waiting = Article.objects.filter(status=Article.Status.IN_REVIEW).count()
        tasks.append(Task(_("in review"), waiting, f"{articles}?status__exact=in_review"))
        week = timezone.now() + timedelta(days=7)
        soon = Article.objects.scheduled().filter(published_at__lte=week).count()
        tasks.append(Task(_("go live this week"), soon, f"{articles}?status__exact=scheduled"))
        bare = Article.objects.published().filter(Q(lead_image__isnull=False), lead_alt="", lead_image__alt="").count()
        tasks.append(Task(_("pictures without a description"), bare, f"{articles}?status__exact=published"))
    if request.user.has_perm("articles.view_privatefeed"):
        feeds = reverse("admin:articles_privatefeed_changelist")
        tasks.append(Task(_("feeds that many networks read"), feeds_read_by_many().count(), f"{feeds}?networks=many"))
    if request.user.has_perm("comments.change_comment") and _is_registered("comments.Comment"):
        held = Comment.objects.held().count()
        tasks.append(Task(_("comments to read"), held, reverse("admin:comments_comment_changelist") + "?status__exact=pending"))
    return tasks + _tasks_about_money(request)


def _tasks_about_money(request: HttpRequest) -> list[Task]:
    """Return what of billing waits for this person: each a list, cut to what is meant."""
    waiting: tuple[tuple[str, Words, QuerySet[Any], str, str], ...] = (
        ("change_studentproof", _("students to decide on"), StudentProof.objects.waiting(), "studentproof", "state__exact=waiting"),
        ("change_mail", _("mails that did not go out"), Mail.objects.given_up(), "mail", "status__in=unsure,failed"),
        ("change_webhookevent", _("events given up"), WebhookEvent.objects.dead(), "webhookevent", "status__exact=dead"),
        ("change_reconciliation", _("differences from Stripe"), Reconciliation.objects.unseen(), "reconciliation", "findings=unseen"),
        (
            "change_doublesubscription",
            _("double subscriptions"),
            DoubleSubscription.objects.unseen(),
            "doublesubscription",
            "seen_at__isempty=1",
        ),
        ("view_payment", _("payments in dispute"), Payment.objects.in_dispute(), "payment", "dispute__exact=open"),
        ("view_subscription", _("payments overdue"), Subscription.objects.past_due(), "subscription", "status__exact=past_due"),
    )
    tasks = [
        Task(label, rows.count(), f"{reverse(f'admin:billing_{model}_changelist')}?{query}")
        for permission, label, rows, model, query in waiting
        if request.user.has_perm(f"billing.{permission}")
    ]
    if request.user.has_perm("billing.change_plan"):
        # What nobody bought yet is pushed with its first buyer.
        unpushed = sum(not is_at_stripe(plan) for plan in Plan.objects.exclude(stripe_product_id=None).prefetch_related("prices"))
        tasks.append(Task(_("plans to push to Stripe"), unpushed, reverse("admin:billing_plan_changelist")))
    return tasks


def reads_a_day(days: int) -> list[tuple[date, int, int]]:
    """Return the reads of the last days, oldest first: day, reads, and per cent of the best day."""
    today = timezone.localdate()
    since = today - timedelta(days=days - 1)
    found = dict(DailyReads.objects.filter(day__gte=since).values_list("day").annotate(total=Sum("reads")))
    most = max(found.values(), default=0) or 1
    series = [since + timedelta(days=offset) for offset in range(days)]
    return [(day, found.get(day, 0), round(100 * found.get(day, 0) / most)) for day in series]
