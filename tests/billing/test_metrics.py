"""The numbers of the income page, against a ledger written by hand."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from billing import metrics
from billing.models import CheckoutAttempt, Payment, Term
from tests.factories import make_payment, make_price, make_subscription, make_user

B, E = Term.Beginning, Term.Ending


def day(month: int, number: int, year: int = 2026) -> datetime:
    return datetime(year, month, number, 12, tzinfo=UTC)


@pytest.fixture
def _ledger(db: None) -> None:
    """Six readers of the first half of 2026, as somebody would keep them on paper.

    Ann pays €7 a month since January. Ben pays €60 a year since February and moved to €7 a month in April. Cai had a trial in January, paid
    €7 from 1 February, stopped on 10 March and came back on 5 May. Dee's trial lapsed in March. Eve pays $120 a year since May. Fay's trial runs.
    """
    price = make_price()

    def term(name, start, end, how, *, annual=8400, currency="EUR", trial=False, ended=""):
        if name not in subscriptions:
            subscriptions[name] = make_subscription(make_user(f"{name}@example.com"), price=price)
        row = subscriptions[name]
        Term.objects.create(
            subscription=row, user=row.user, plan=price.plan, currency=currency, annual_amount=annual,
            is_trial=trial, starts_at=start, ends_at=end, begins_as=how, ends_as=ended,
        )  # fmt: skip

    subscriptions = {}
    term("ann", day(1, 5), None, B.NEW)
    term("ben", day(2, 3), day(4, 9), B.NEW, annual=6000, ended=E.CHANGED)
    term("ben", day(4, 9), None, B.CHANGED)
    term("cai", day(1, 18), day(2, 1), B.TRIAL, trial=True, ended=E.CONVERTED)
    term("cai", day(2, 1), day(3, 10), B.NEW, ended=E.CHURNED)
    term("cai", day(5, 5), None, B.REACTIVATED)
    term("dee", day(3, 1), day(3, 15), B.TRIAL, trial=True, ended=E.LAPSED)
    term("eve", day(5, 20), None, B.NEW, annual=12000, currency="USD")
    term("fay", day(6, 1), None, B.TRIAL, trial=True)


@pytest.fixture
def months() -> list[datetime]:
    return metrics.months_until(day(6, 20), 6)


def test_months_are_calendar_months_of_the_site(months):
    assert [month.strftime("%Y-%m-%d %H") for month in months] == [f"2026-0{n}-01 00" for n in range(1, 7)]


@pytest.mark.usefixtures("_ledger")
def test_mrr_is_a_twelfth_of_what_runs_at_the_end_of_each_month(months):
    assert metrics.revenue_by_month(months, now=day(6, 20)) == {
        # Ann 7; with Ben's 5 and Cai's 7; without Cai; Ben at 7; Cai again.
        "EUR": [700, 1900, 1200, 1400, 2100, 2100],
        "USD": [0, 0, 0, 0, 1000, 1000],
    }
    assert metrics.monthly_recurring_revenue(day(2, 15)) == {"EUR": 1900}
    assert metrics.monthly_recurring_revenue(day(6, 20)) == {"EUR": 2100, "USD": 1000}
    assert metrics.subscriptions_running(day(6, 20)) == {"paid": 4, "trial": 1}


@pytest.mark.usefixtures("_ledger")
def test_movements_are_counted_in_their_month(months):
    assert [(m.new, m.reactivated, m.churned, m.converted, m.lapsed, m.conversion) for m in metrics.movements_by_month(months)] == [
        (1, 0, 0, 0, 0, None),
        (2, 0, 0, 1, 0, 100),
        (0, 0, 1, 0, 1, 0),
        (0, 0, 0, 0, 0, None),
        (1, 1, 0, 0, 0, None),
        (0, 0, 0, 0, 0, None),
    ]


def test_revenue_is_what_came_in_less_what_went_back(subscriber):
    def pay(**fields):
        make_payment(subscriber, subscription=subscriber.subscriptions.get(), **fields)

    pay(amount=7000, amount_refunded=2000)
    pay(amount=700)
    pay(amount=700, dispute=Payment.Dispute.LOST)
    pay(amount=700, paid_at=day(1, 1, 2024))
    plan = subscriber.subscriptions.get().price.plan.name
    assert metrics.revenue_since(day(1, 1)) == [metrics.Revenue(plan, "subscription", "EUR", 5700)]


def test_the_pages_that_readers_subscribed_from_are_counted(reader):
    price = make_price()
    for number, (path, status) in enumerate(
        [("/a/", "complete"), ("/a/", "complete"), ("/b/", "complete"), ("/b/", "expired"), ("", "complete")]
    ):
        attempt = CheckoutAttempt.objects.create(user=reader, price=price, stripe_session_id=f"cs_{number}", next_path=path)
        attempt.close(status)
    assert metrics.sources_since(day(1, 1)) == [metrics.SourceOfSubscriptions("/a/", 2), metrics.SourceOfSubscriptions("/b/", 1)]


@pytest.mark.usefixtures("_ledger")
def test_the_page_says_what_the_numbers_mean(as_editor, client):
    page = as_editor.get(reverse("admin:billing_income")).content.decode()
    assert "Monthly recurring revenue (MRR) is a twelfth" in page
    assert "$10" in as_editor.get(reverse("admin:billing_income"), {"currency": "USD"}).content.decode()


def test_who_may_not_see_subscriptions_sees_no_income(db, client):
    client.force_login(make_user(is_staff=True))
    assert client.get(reverse("admin:billing_income")).status_code == 403


@pytest.mark.usefixtures("_ledger")
def test_the_page_costs_the_same_however_long_the_ledger(as_editor, count_queries):
    address = reverse("admin:billing_income")
    as_editor.get(address)
    with count_queries() as before:
        as_editor.get(address)
    for term in list(Term.objects.filter(ends_at__isnull=False)):
        term.pk = None
        term.save()
    with count_queries() as after:
        as_editor.get(address)
    assert len(after) == len(before)
