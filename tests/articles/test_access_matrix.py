"""One rule for a row and for a set: everything that can open an article, with everything else."""

import itertools
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import User
from articles import crawlers, gifts, institutions, meter
from articles.access import Reader, decide
from articles.models import Article, GiftLink, Institution, InstitutionDomain, InstitutionNetwork, MeteredRead
from articles.models.access_levels import Access
from billing.models import Grant, Subscription
from tests.factories import make_article, make_subscription, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LEVELS = (*Access.values, "gold")
# What dates did to the level in the meantime, and what it is by now.
DATES = {
    "no date": ({}, None),
    "premium tomorrow": ({"turns_premium_at": DAY}, None),
    "premium since yesterday": ({"turns_premium_at": -DAY}, Access.PREMIUM),
    "free tomorrow": ({"turns_free_at": DAY}, None),
    "free since yesterday": ({"turns_free_at": -DAY}, Access.FREE),
    "premium, then free": ({"turns_premium_at": -2 * DAY, "turns_free_at": -DAY}, Access.FREE),
    "free, then premium": ({"turns_free_at": -2 * DAY, "turns_premium_at": -DAY}, Access.PREMIUM),
    "premium, free tomorrow": ({"turns_premium_at": -DAY, "turns_free_at": DAY}, Access.PREMIUM),
}
# Subscriptions and grants: status or "grant", when it ends, and whether it opens everything.
HOLDINGS = {
    "nothing": None,
    "active": ("active", 20 * DAY, True),
    "trialing": ("trialing", 5 * DAY, True),
    "past due within grace": ("past_due", DAY, True),
    "past due beyond grace": ("past_due", -DAY, False),
    "canceled, paid until later": ("canceled", -DAY, False),
    "unpaid": ("unpaid", DAY, False),
    "incomplete": ("incomplete", DAY, False),
    "grant": ("grant", DAY, True),
    "grant that ended": ("grant", -DAY, False),
}
PEOPLE = ("nobody", "reader", "staff", "member of an institution", "member of a past institution")
METERS = ("not opened", "opened", "opened last month")
GIFTS = ("none", "this", "another", "expired", "revoked")
NETWORKS = {"home": "203.0.113.1", "library": "192.0.2.1", "past library": "198.51.100.1"}


@pytest.fixture
def articles() -> dict[tuple[str, str], Article]:
    """An article of every level and date."""
    made, now = {}, timezone.now()
    for level, date in itertools.product(LEVELS, DATES):
        article = make_article()
        changes = {name: now + shift for name, shift in DATES[date][0].items()}
        Article.objects.filter(pk=article.pk).update(effective_access=level, **changes)
        made[level, date] = Article.objects.get(pk=article.pk)
    return made


@pytest.fixture(autouse=True)
def _institutions():
    for network, domain, ends_at in (
        ("192.0.2.0/24", "university.example", None),
        ("198.51.100.0/24", "past.example", timezone.now() - DAY),
    ):
        found = Institution.objects.create(name=network, starts_at=timezone.now() - 9 * DAY, ends_at=ends_at)
        InstitutionNetwork.objects.create(institution=found, network=network)
        InstitutionDomain.objects.create(institution=found, domain=domain)
    institutions.OPENINGS.forget()
    yield
    institutions.OPENINGS.forget()
    crawlers.SWITCH.forget()


def person(who: str, holding: str) -> User | None:
    if who == "nobody":
        return None
    domain = {"member of an institution": "university.example", "member of a past institution": "past.example"}.get(who, "home.example")
    user = make_user(f"ann@{domain}", is_staff=who == "staff")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if held := HOLDINGS[holding]:
        status, lasts, _opens = held
        ends_at = timezone.now() + lasts
        if status == "grant":
            Grant.objects.create(user=user, starts_at=timezone.now() - 9 * DAY, ends_at=ends_at)
        else:
            make_subscription(user, status=status, current_period_end=ends_at, entitled_until=ends_at)
    return user


def open_meter(user: User | None, request: HttpRequest, state: str, ids: list[int]) -> None:
    """Have all articles opened on the meter, by rows or by cookie."""
    this = meter.period_at()
    period = {"opened": this, "opened last month": (this - DAY).replace(day=1)}.get(state)
    if period is None:
        return
    told = {"p": period.isoformat(), "a": ids, "k": "", "u": None}
    # Somebody signed in has rows; their cookie alone opens nothing.
    request.COOKIES[meter.COOKIE] = signing.dumps(told, salt=meter.SALT)
    if user is not None:
        MeteredRead.objects.bulk_create(MeteredRead(user=user, article_id=pk, period=period) for pk in ids)


def give(giver: User, request: HttpRequest, state: str, ids: list[int], other: int) -> None:
    """Have a gift of every article opened in the browser."""
    if state == "none":
        return
    now = timezone.now()
    changes = {
        "expired": {"created_at": now - 20 * DAY, "expires_at": now - DAY},
        "revoked": {"revoked_at": now - DAY},
    }.get(state, {})
    targets = [other] if state == "another" else ids
    made = GiftLink.objects.bulk_create(
        GiftLink(giver=giver, article_id=pk, token_hash=f"{state}{pk}", max_opens=1, opens=1, **changes) for pk in targets
    )
    request.COOKIES[gifts.COOKIE] = signing.dumps([gift.pk for gift in made], salt=gifts.SALT)


def request_of(user: User | None, network: str) -> HttpRequest:
    request = RequestFactory().get("/", REMOTE_ADDR=NETWORKS[network])
    request.session, request.user = SessionStore(), user or AnonymousUser()
    if user is not None:
        request.COOKIES["masthead_session"] = "theirs"
    return request


def expected(level: str, date: str, *, who: str, holding: str, metered: str, gift: str, network: str) -> bool:
    """Say it once more, in the words of the specification."""
    now = DATES[date][1] or level
    if now == "gold":
        return False
    if now == "free" or who in ("staff", "member of an institution") or network == "library":
        return True
    if who != "nobody" and (held := HOLDINGS[holding]) and held[2]:
        return True
    if gift == "this" or (now == "registered" and who != "nobody"):
        return True
    return now == "metered" and metered == "opened"


@pytest.mark.parametrize(
    ("who", "holding"), [*((who, "nothing") for who in PEOPLE), *(("reader", held) for held in HOLDINGS if held != "nothing")]
)
def test_the_rule_for_one_article_and_for_sets_agree_on_everything(articles, editor, who, holding):
    user, other, ids = person(who, holding), make_article(), [article.pk for article in articles.values()]
    for metered, gift, network in itertools.product(METERS, GIFTS, NETWORKS):
        MeteredRead.objects.all().delete()
        GiftLink.objects.all().delete()
        request = request_of(user, network)
        open_meter(user, request, metered, ids)
        give(editor, request, gift, ids[-50:], other.pk)
        reader = Reader.of(request)
        readable = set(Article.objects.readable_by(reader).values_list("pk", flat=True))
        for (level, date), article in articles.items():
            case = (level, date, who, holding, metered, gift, network)
            is_full = decide(article, reader).is_full
            assert (article.pk in readable) is is_full, case
            assert is_full is expected(level, date, who=who, holding=holding, metered=metered, gift=gift, network=network), case


def test_the_matrix_knows_every_status_and_every_level():
    assert {str(status) for status in Subscription.Status} >= {held[0] for held in HOLDINGS.values() if held and held[0] != "grant"}
    assert set(LEVELS) > set(Access.values)
