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
from articles import crawlers, gifts, institutions, meter, tiers
from articles.access import Reader, decide
from articles.models import (
    Article,
    GiftLink,
    Institution,
    InstitutionDomain,
    InstitutionNetwork,
    MeteredRead,
    PaywallSettings,
    SectionPlan,
)
from articles.models.access_levels import Access
from billing.models import Grant, Plan, Subscription
from billing.models.checkouts import Kind
from tests.factories import make_article, make_price, make_section, make_subscription, make_user

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
# Subscriptions, what else is paid for, and grants: status or kind, when it ends, and whether it opens what every plan opens.
HOLDINGS = {
    "nothing": None,
    "active": ("active", 20 * DAY, True),
    "trialing": ("trialing", 5 * DAY, True),
    "past due within grace": ("past_due", DAY, True),
    "past due beyond grace": ("past_due", -DAY, False),
    "active, and its renewal never heard of": ("active", -DAY, False),
    "canceled": ("canceled", -DAY, False),
    "canceled, whatever it says of later": ("canceled", DAY, False),
    "unpaid": ("unpaid", DAY, False),
    "paused": ("paused", DAY, False),
    "incomplete": ("incomplete", DAY, False),
    "never completed": ("incomplete_expired", DAY, False),
    "a group's subscription, without a seat": ("group", 20 * DAY, False),
    "a contribution": ("contribution", 20 * DAY, False),
    "grant that ended": ("comp", -DAY, False),
    **{f"grant: {kind}": (str(kind), DAY, True) for kind in Grant.Kind},
    "active, of the plan that opens the section": ("active", 20 * DAY, True),
    "ended, of the plan that opens the section": ("canceled", -DAY, False),
    "active, of no known plan": ("active", DAY, True),
    "grant of the plan that opens the section": ("comp", DAY, True),
    "grant of another plan": ("comp", DAY, True),
}
# Of which plan they are, where that isn't the lesser one; a grant without a plan is of every plan.
PLANS = {
    "active, of the plan that opens the section": "greater",
    "ended, of the plan that opens the section": "greater",
    "active, of no known plan": "unknown",
    "grant of the plan that opens the section": "greater",
    "grant of another plan": "lesser",
    **{f"grant: {kind}": "every" for kind in Grant.Kind},
}
SECTIONS = ("open", "reserved")
PAID_OTHERWISE = (Kind.GROUP, Kind.CONTRIBUTION)
PEOPLE = ("nobody", "reader", "staff", "member of an institution", "member of a past institution")
METERS = ("not opened", "opened", "opened last month", "opened on another site")
GIFTS = ("none", "this", "another", "expired", "revoked")
NETWORKS = {
    "home": "203.0.113.1",
    "library": "192.0.2.1",
    "past library": "198.51.100.1",
    "crawler": "66.249.66.1",
    "false crawler": "203.0.113.66",
}


@pytest.fixture
def plans(db: None) -> dict[str, Plan]:
    return {name: Plan.objects.create(name=name, slug=name) for name in ("lesser", "greater")}


@pytest.fixture
def articles(plans: dict[str, Plan], section: str) -> dict[tuple[str, str], Article]:
    """An article of every level and date, in a section that every plan opens or that is reserved for the greater one."""
    now, stands_in = timezone.now(), make_section()
    if section == "reserved":
        SectionPlan.objects.create(section=stands_in, plan=plans["greater"])
    tiers.RESERVED.forget()
    made = {
        (level, date): Article(
            title=f"{level}, {date}",
            slug=f"{level}-{number}",
            section=stands_in,
            status=Article.Status.PUBLISHED,
            published_at=now - DAY,
            effective_access=level,
            **{name: now + shift for name, shift in DATES[date][0].items()},
        )
        for number, (level, date) in enumerate(itertools.product(LEVELS, DATES))
    }
    # Rows are enough: nobody reads what stands in them.
    Article.objects.bulk_create(made.values())
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
    tiers.RESERVED.forget()


@pytest.fixture(autouse=True)
def _crawlers(monkeypatch: pytest.MonkeyPatch):
    """Open to crawlers, of which the name servers know one."""
    PaywallSettings.objects.update_or_create(pk=1, defaults={"opens_to_crawlers": True})
    monkeypatch.setattr(crawlers, "_verdict", lambda address, domain: (address == NETWORKS["crawler"], 60))
    crawlers.SWITCH.forget()
    yield
    crawlers.SWITCH.forget()


def person(who: str, holding: str, plans: dict[str, Plan]) -> User | None:
    if who == "nobody":
        return None
    domain = {"member of an institution": "university.example", "member of a past institution": "past.example"}.get(who, "home.example")
    user = make_user(f"ann@{domain}", is_staff=who == "staff")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if held := HOLDINGS[holding]:
        status, lasts, _opens = held
        ends_at = timezone.now() + lasts
        plan = plans.get(PLANS.get(holding, "lesser"))
        if status in Grant.Kind.values and "grant" in holding:
            Grant.objects.create(user=user, kind=status, starts_at=timezone.now() - 9 * DAY, ends_at=ends_at, plan=plan)
        else:
            state = {"kind": status} if status in PAID_OTHERWISE else {"status": status}
            price = make_price(plan=plan) if plan else None
            make_subscription(user, price=price, current_period_end=ends_at, entitled_until=ends_at, **state)
    return user


def open_meter(user: User | None, cookies: dict[str, str], state: str, ids: list[int]) -> None:
    """Have all articles opened on the meter, by rows or by cookie."""
    this = meter.period_at()
    if state == "not opened":
        return
    period = (this - DAY).replace(day=1) if state == "opened last month" else this
    told = {"p": period.isoformat(), "a": ids, "k": "", "u": None}
    # Somebody signed in has rows; their cookie alone opens nothing.
    is_foreign = state == "opened on another site"
    cookies[meter.COOKIE] = signing.dumps(told, key="foreign" if is_foreign else None, salt=meter.SALT)
    if user is not None and not is_foreign:
        MeteredRead.objects.bulk_create(MeteredRead(user=user, article_id=pk, period=period) for pk in ids)


def give(giver: User, cookies: dict[str, str], state: str, ids: list[int], other: int) -> None:
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
    cookies[gifts.COOKIE] = signing.dumps([gift.pk for gift in made], salt=gifts.SALT)


def request_of(user: User | None, network: str, cookies: dict[str, str]) -> HttpRequest:
    agent = "Googlebot/2.1" if "crawler" in network else "Firefox/140.0"
    request = RequestFactory().get("/", REMOTE_ADDR=NETWORKS[network], headers={"User-Agent": agent})
    request.session, request.user = SessionStore(), user or AnonymousUser()
    request.COOKIES |= cookies
    if user is not None:
        request.COOKIES["masthead_session"] = "theirs"
    return request


def expected(level: str, date: str, *, who: str, holding: str, section: str, metered: str, gift: str, network: str) -> bool:
    """Say it once more, in the words of the specification."""
    now = DATES[date][1] or level
    if now == "gold":
        return False
    if now == "free" or who in ("staff", "member of an institution") or network in ("library", "crawler"):
        return True
    is_of_a_plan = section == "open" or PLANS.get(holding, "lesser") in ("greater", "every")
    if who != "nobody" and (held := HOLDINGS[holding]) and held[2] and is_of_a_plan:
        return True
    if gift == "this" or (now == "registered" and who != "nobody"):
        return True
    return now == "metered" and metered == "opened"


# In a reserved section whatever opens an open one is asked again, and nobody and nothing.
CASES = [(who, "nothing", section) for who in PEOPLE for section in SECTIONS]
CASES += [("reader", holding, "open") for holding in HOLDINGS if holding != "nothing"]
CASES += [("reader", holding, "reserved") for holding in ("active", "past due within grace", *PLANS)]


@pytest.mark.parametrize(("who", "holding", "section"), CASES)
def test_the_rule_for_one_article_and_for_sets_agree_on_everything(articles, plans, editor, who, holding, section):
    user, other, ids = person(who, holding, plans), make_article(), [article.pk for article in articles.values()]
    for metered, gift in itertools.product(METERS, GIFTS):
        MeteredRead.objects.all().delete()
        GiftLink.objects.all().delete()
        cookies: dict[str, str] = {}
        open_meter(user, cookies, metered, ids)
        give(editor, cookies, gift, ids, other.pk)
        for network in NETWORKS:
            reader = Reader.of(request_of(user, network, cookies))
            readable = set(Article.objects.readable_by(reader).values_list("pk", flat=True))
            for (level, date), article in articles.items():
                case = {"who": who, "holding": holding, "section": section, "metered": metered, "gift": gift, "network": network}
                is_full = decide(article, reader).is_full
                assert (article.pk in readable) is is_full, (level, date, case)
                assert is_full is expected(level, date, **case), (level, date, case)


def test_the_matrix_knows_every_status_every_kind_and_every_level():
    held = {held[0] for held in HOLDINGS.values() if held}
    assert held >= {*Subscription.Status.values, *Grant.Kind.values, *PAID_OTHERWISE}
    # A gift that is bought becomes a grant of whom it is for.
    assert set(Kind) == {Kind.SUBSCRIPTION, Kind.GIFT, *PAID_OTHERWISE}
    assert set(LEVELS) > set(Access.values)
