"""A supporter chooses what they pay, above a least amount: the server decides whether they may."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from billing.models import CheckoutAttempt, Price, Subscription
from billing.models.plans import parse_amount, plain_amount
from tests.factories import make_price
from tests.sandbox.conftest import wire_problems  # noqa: F401 - holds every request against Stripe's types


@pytest.fixture
def least(plan):
    return make_price(plan=plan, amount=6000, interval="year", is_least=True, suggestions="6000, 10000, 15050, 100")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("150", "EUR", 15000),
        (" 12,5 ", "EUR", 1250),
        ("12.50", "USD", 1250),
        ("150", "JPY", 150),
        ("150.5", "JPY", None),
        ("1.234", "EUR", None),
        ("-5", "EUR", None),
        ("1e5", "EUR", None),
        ("NaN", "EUR", None),
        ("٣٠٠", "EUR", 30000),
        ("99999999", "EUR", None),
        ("", "EUR", None),
    ],
)
def test_an_amount_is_read_as_it_is_written_or_not_at_all(text, currency, minor):
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(("minor", "currency"), [(15000, "EUR"), (15050, "EUR"), (5, "USD"), (150, "JPY")])
def test_what_is_written_is_read_back(minor, currency):
    assert parse_amount(plain_amount(minor, currency), currency) == minor


def test_the_page_names_the_least_and_the_suggestions_that_may_be_chosen(client, least):
    text = client.get("/subscribe/").content.decode()
    assert "from €60 to €6,000" in text and 'value="150.50"' in text and "€100" in text
    assert 'value="1"' not in text, "a suggestion below the least is none"


@pytest.mark.parametrize(("fields", "amount"), [({"amount": "75,50"}, 7550), ({"suggested": "100"}, 10000), ({"amount": "60"}, 6000)])
def test_the_chosen_amount_is_charged_each_year(till, as_reader, reader, least, fields, amount):
    till.choose(as_reader, least, **fields)
    session = till.stripe.object(till.session_of(reader))
    assert session["amount_total"] == amount
    till.stripe.complete_checkout(session["id"])
    till.come_back(as_reader, CheckoutAttempt.objects.get())
    row = Subscription.objects.get()
    assert (row.price.amount, row.price.plan, row.price.interval) == (amount, least.plan, "year")
    assert row.price.is_on_sale == (amount == 6000)
    with till.later(days=366):
        assert till.stripe.objects("invoice")[0]["amount_paid"] == amount


@pytest.mark.parametrize(
    "fields",
    [{}, {"amount": "59.99"}, {"amount": "6000.01"}, {"amount": "-100"}, {"amount": "1e9"}, {"suggested": "1"}, {"amount": "abc"}],
)
def test_an_amount_that_may_not_be_chosen_is_refused_in_words(till, as_reader, least, fields):
    response = till.choose(as_reader, least, **fields)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert CheckoutAttempt.objects.count() == 0 and Price.objects.count() == 1


def test_an_amount_for_a_price_that_has_its_own_is_ignored(till, as_reader, reader, month):
    till.choose(as_reader, month, amount="1", suggested="1")
    assert till.stripe.object(till.session_of(reader))["amount_total"] == 700


def test_looking_makes_no_price_and_choosing_twice_makes_one(till, client, as_reader, least):
    client.get("/subscribe/?plan=reader&interval=year&amount=77")
    assert Price.objects.count() == 1
    for _ in range(2):
        till.choose(as_reader, least, amount="77")
    assert Price.objects.count() == 2
    assert len(till.stripe.objects("price")) == 1


def test_the_amount_is_kept_across_the_sign_in(till, client, reader, least):
    response = till.choose(client, least, amount="77")
    assert Price.objects.count() == 1
    back = parse_qs(urlsplit(response.headers["Location"]).query)["next"][0]
    client.force_login(reader)
    text = client.get(back).content.decode()
    assert "Reader, €77 a year" in text and 'name="amount" value="77"' in text


def test_previewing_amounts_makes_no_price_here_or_at_stripe(till, as_reader, reader, least):
    till.choose(as_reader, least, amount="60")
    till.stripe.complete_checkout(till.session_of(reader))
    till.come_back(as_reader, CheckoutAttempt.objects.get())
    url = f"/account/billing/change/{least.pk}/"
    with till.later(days=10):
        pages = [as_reader.get(f"{url}?amount={amount}").content.decode() for amount in (100, 200, 300)]
        due = [re.search(r"Change and pay €([\d.]+)", page)[1] for page in pages]
        assert as_reader.post(f"{url}?amount=400", {"token": "forged"}).status_code == 302
        token = re.search(r'name="token" value="([^"]+)"', pages[2])[1]
        as_reader.post(f"{url}?amount=400", {"token": token})
        assert Price.objects.count() == len(till.stripe.objects("price")) == 1
        as_reader.post(f"{url}?amount=300", {"token": token})
        assert Price.objects.count() == len(till.stripe.objects("price")) == 2
        assert Subscription.objects.get().price.amount == 30000
        assert till.stripe.objects("invoice")[0]["amount_paid"] == round(float(due[2]) * 100)


def test_whole_units_are_whole_in_yen(till, as_reader, reader, plan):
    least = make_price(plan=plan, amount=5000, currency="JPY", interval="year", is_least=True)
    till.choose(as_reader, least, amount="7000")
    assert till.stripe.object(till.session_of(reader))["amount_total"] == 7000


def test_a_supporter_changes_the_amount_on_their_page(till, as_reader, reader, least):
    till.choose(as_reader, least, amount="100")
    attempt = CheckoutAttempt.objects.get()
    till.stripe.complete_checkout(attempt.stripe_session_id)
    till.come_back(as_reader, attempt)
    url = f"/account/billing/change/{least.pk}/"
    assert "Your amount" in as_reader.get(url).content.decode()
    assert "aria-invalid" in as_reader.get(url + "?amount=5").content.decode()
    more = as_reader.get(url + "?amount=200").content.decode()
    token = re.search(r'name="token" value="([^"]+)"', more)[1]
    as_reader.post(url + "?amount=200", {"token": token, "amount": "1"})
    assert Subscription.objects.get().price.amount == 20000
    assert as_reader.post(url + "?amount=300", {"token": token}).headers["Location"] == url + "?amount=300", "a token is for one amount"
    less = as_reader.get(url + "?amount=80").content.decode()
    as_reader.post(url + "?amount=80", {"token": re.search(r'name="token" value="([^"]+)"', less)[1]})
    assert Subscription.objects.get().next_price.amount == 8000
