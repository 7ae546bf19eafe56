"""Kept pages are forgotten when something that readers see has changed, once, and in every process."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction

from articles.models import Article, FrontSlot, PaywallSettings, Section
from config.public_rows import PUBLIC_RELATIONS, PUBLIC_ROWS, PUBLIC_UNTIL_DELETED
from magazine import page_generation, public_pages
from magazine.models import Identity
from magazine.page_generation import GENERATION, KEY, Generation
from magazine.public_pages import forget_public_pages, forget_public_pages_on_commit
from tests.factories import make_article, make_person, make_price, make_section, make_tag

OWN_APPS = ("accounts", "articles", "billing", "comments", "magazine", "newsletters")
# What only its reader or the newsroom sees, or what is counted without being shown at once.
ROWS_NO_PUBLIC_PAGE_SHOWS = {
    "accounts.Deletion",
    "accounts.Export",
    "accounts.User",
    "accounts.User_groups",
    "accounts.User_user_permissions",
    "articles.AnonymousMeter",
    "articles.DailyReads",
    "articles.File",
    "articles.GiftLink",
    "articles.HistoricalArticle",
    "articles.ImportedItem",
    "articles.Institution",
    "articles.InstitutionDomain",
    "articles.InstitutionNetwork",
    "articles.MeterNetwork",
    "articles.MeteredRead",
    "articles.PrivateFeed",
    "articles.PrivateFeedNetwork",
    "articles.SavedArticle",
    "billing.Cancellation",
    "billing.CheckoutAttempt",
    "billing.Contribution",
    "billing.Customer",
    "billing.DoubleSubscription",
    "billing.GiftSubscription",
    "billing.Grant",
    "billing.Group",
    "billing.Invitation",
    "billing.Mail",
    "billing.Membership",
    "billing.Payment",
    "billing.Reconciliation",
    "billing.SeatOrder",
    "billing.PriceMigration",
    "billing.PriceMove",
    "billing.StudentProof",
    "billing.Subscription",
    "billing.Term",
    "billing.WebhookEvent",
    "comments.Decision",
    "newsletters.Delivery",
    "newsletters.NewsletterPlan",
    "newsletters.Signup",
    "newsletters.Suppression",
}


def test_of_every_model_it_is_known_whether_public_pages_show_its_rows() -> None:
    models = apps.get_models(include_auto_created=True)
    ours = {model._meta.label for model in models if model._meta.app_label in OWN_APPS}
    known = {*PUBLIC_ROWS, *PUBLIC_RELATIONS, *PUBLIC_UNTIL_DELETED}
    assert not known & ROWS_NO_PUBLIC_PAGE_SHOWS
    unknown = ours - known - ROWS_NO_PUBLIC_PAGE_SHOWS
    assert not unknown, f"List in config/public_rows.py, or in ROWS_NO_PUBLIC_PAGE_SHOWS: {sorted(unknown)}"


CHANGES: dict[str, Callable[[], object]] = {
    "an article is saved": lambda: Article.objects.get().save(),
    "an article is deleted": lambda: Article.objects.get().delete(),
    "an article gets a tag": lambda: Article.objects.get().tags.add(make_tag()),
    "a section is renamed": lambda: Section.objects.first().save(update_fields=["name"]),  # type: ignore[union-attr]
    "somebody joins": make_person,
    "the lead is placed": lambda: FrontSlot.objects.create(rank="lead", article=Article.objects.get()),
    "the magazine is renamed": lambda: Identity.load().save(),
    "the paywall says something else": lambda: PaywallSettings.load().save(),
    "a price is set": make_price,
}


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_pages_are_forgotten_when(change: Callable[[], object], django_capture_on_commit_callbacks: Any) -> None:
    make_article(section=make_section())
    before = GENERATION.current()
    with django_capture_on_commit_callbacks(execute=True):
        change()
    assert GENERATION.current() != before
    assert cache.get(KEY) == GENERATION.current()


@pytest.mark.django_db(transaction=True)
def test_a_thousand_changes_in_one_transaction_forget_once(monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[int] = []
    monkeypatch.setattr(public_pages, "forget_public_pages", lambda: forgotten.append(1))
    for _ in range(2):
        with transaction.atomic():
            for _ in range(1000):
                forget_public_pages_on_commit()
    assert forgotten == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_what_a_savepoint_undid_takes_no_other_change_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[int] = []
    monkeypatch.setattr(public_pages, "forget_public_pages", lambda: forgotten.append(1))
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            forget_public_pages_on_commit()
            raise ZeroDivisionError
        forget_public_pages_on_commit()
    assert forgotten == [1]
    with transaction.atomic():
        forget_public_pages_on_commit()
        with transaction.atomic():
            forget_public_pages_on_commit()
    assert forgotten == [1, 1]
    assert not connection.run_on_commit


def test_another_process_hears_of_it_within_a_second() -> None:
    now = [0.0]
    other = Generation(clock=lambda: now[0])
    before = other.current()
    forget_public_pages()
    assert other.current() == before, "it asks once a second at most"
    now[0] += page_generation.POLL_SECONDS
    assert other.current() == GENERATION.current() != before


def test_a_cache_that_was_emptied_brings_nothing_old_back() -> None:
    now = [0.0]
    process = Generation(clock=lambda: now[0])
    seen = set()
    for _ in range(3):
        seen.add(process.current())
        cache.clear()
        now[0] += 2
    assert len(seen) == 3


def test_pages_are_answered_while_the_cache_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    process = Generation(clock=lambda: now[0])
    before = process.current()

    def failing(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(cache, "get", failing)
    now[0] += 2
    assert process.current() == before
