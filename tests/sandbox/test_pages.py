"""The pages a person clicks, through HTTP."""

import re
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from sandbox.testing import Sandbox
from tests.sandbox.conftest import open_session


@pytest.fixture
def fetch(sandbox: Sandbox) -> Any:
    def fetch(path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection(urlsplit(sandbox.url).netloc, timeout=5)
        if form is None:
            connection.request("GET", path, headers=headers)
        else:
            headers = {"Content-Type": "application/x-www-form-urlencoded"} | headers
            connection.request("POST", path, urlencode(form), headers)
        response = connection.getresponse()
        return response, response.read().decode()

    return fetch


def test_every_page_opens_and_says_that_it_is_a_sandbox(fetch: Any, buy: Any, client: Any):
    buy("delayed")
    payment = client.payment_intents.list().data[0].id
    event = client.events.list().data[0].id
    customer = client.customers.list().data[0].id
    paths = ("/clock", "/events", f"/events/{event}", "/faults", "/payments", f"/payments/{payment}", "/people", f"/people/{customer}")
    for path in ("/", "/mailbox/", *paths):
        response, html = fetch(path)
        assert response.status == 200, path
        assert "Sandbox: no real money" in html
        assert html.count("<h1>") == 1
        assert html.count('class="primary"') <= 1
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert fetch("/healthz")[0].status == 200
    assert fetch("/nowhere")[0].status == 404


def test_a_person_pays_and_is_sent_back_with_the_session(fetch: Any, client: Any, monthly: Any):
    session = open_session(client, monthly.id)
    _, html = fetch(f"/pay/{session.id}")
    assert "EUR 5.00" in html
    assert "Reader" in html

    response, _ = fetch(f"/pay/{session.id}", {"action": "paid", "email": "a@example.com", "renewals": "succeeds"})

    assert (response.status, response.headers["Location"]) == (303, f"http://localhost:9/back?session={session.id}")
    assert "http://localhost:9" in fetch(f"/pay/{session.id}")[0].headers["Content-Security-Policy"]


def test_a_declined_card_is_told_and_nothing_is_bought(fetch: Any, client: Any, monthly: Any, sandbox: Sandbox):
    session = open_session(client, monthly.id)

    response, html = fetch(f"/pay/{session.id}", {"action": "declined"})

    assert response.status == 200
    assert "Your card was declined" in html
    assert sandbox.objects("subscription") == []


def test_confirmation_is_a_page_of_its_own_and_keeps_what_was_typed(fetch: Any, client: Any, monthly: Any, sandbox: Sandbox):
    session = open_session(client, monthly.id)
    _, html = fetch(f"/pay/{session.id}", {"action": "requires_action", "email": "a@example.com", "renewals": "declines"})
    fields = dict(re.findall(r'name="(email|renewals)" value="([^"]*)"', html))

    fetch(f"/pay/{session.id}", fields | {"action": "paid"})

    assert sandbox.objects("customer")[0]["email"] == "a@example.com"
    sandbox.advance(months=1)
    assert sandbox.objects("subscription")[0]["status"] == "past_due"


def test_a_promotion_code_is_typed_in(fetch: Any, client: Any, monthly: Any):
    coupon = client.coupons.create({"amount_off": 100, "currency": "eur", "duration": "forever"})
    client.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING"})
    session = open_session(client, monthly.id, allow_promotion_codes=True)

    assert "This code is invalid" in fetch(f"/pay/{session.id}", {"action": "code", "code": "WINTER"})[1]
    _, html = fetch(f"/pay/{session.id}", {"action": "code", "code": " spring "})

    assert "EUR 4.00" in html


def test_the_portal_cancels_takes_back_and_changes_the_plan(fetch: Any, client: Any, buy: Any, yearly: Any, sandbox: Sandbox):
    subscription = buy()
    portal = client.billing_portal.sessions.create({"customer": subscription.customer, "return_url": "http://localhost:9/account/"})
    path = urlsplit(portal.url).path
    form = {"subscription": subscription.id}

    fetch(path, form | {"action": "cancel"})
    assert sandbox.object(subscription.id)["cancel_at_period_end"]
    assert "Don’t cancel" in fetch(path)[1]
    fetch(path, form | {"action": "undo"})
    assert not sandbox.object(subscription.id)["cancel_at_period_end"]
    fetch(path, form | {"action": "plan", "price": yearly.id})
    assert sandbox.object(subscription.id)["items"]["data"][0]["price"]["id"] == yearly.id
    fetch(path, {"action": "card", "renewals": "declines"})
    sandbox.advance(years=1)
    assert sandbox.object(subscription.id)["status"] == "past_due"
    _, html = fetch(path)
    invoice = re.search(r"/invoices/in_\w+", html)
    assert invoice
    assert fetch(invoice[0])[0].status == 200
    assert "http://localhost:9/account/" in html


def test_the_portal_of_one_customer_does_not_touch_another(fetch: Any, client: Any, buy: Any, sandbox: Sandbox):
    mine, theirs = buy(), buy()
    portal = client.billing_portal.sessions.create({"customer": mine.customer})

    fetch(urlsplit(portal.url).path, {"action": "cancel", "subscription": theirs.id})

    assert not sandbox.object(theirs.id)["cancel_at_period_end"]


def test_the_clock_moves_by_form_and_by_json(fetch: Any, sandbox: Sandbox, buy: Any):
    buy()
    before = sandbox.account.now
    assert fetch("/clock", {"action": "month"})[0].status == 303
    assert sandbox.account.now - before > 27 * 86400
    assert len(sandbox.objects("invoice")) == 2
    fetch("/clock", {"action": "renewal"})
    assert len(sandbox.objects("invoice")) == 3
    assert fetch("/clock", {"days": "-1"}, Accept="application/json")[0].status == 400


def test_faults_are_set_by_form_and_read_as_json(fetch: Any, sandbox: Sandbox):
    fetch("/faults", {"drop_webhooks": "on", "api": "timeout", "timeout_seconds": "0.5"})

    assert '"drop_webhooks": true' in fetch("/faults", Accept="application/json")[1]
    assert sandbox.account.faults.timeout_seconds == 0.5
    assert fetch("/faults", {"api": "explode"})[0].status == 400


def test_another_site_can_not_press_its_buttons(fetch: Any, sandbox: Sandbox):
    before = sandbox.account.now

    assert fetch("/clock", {"action": "year"}, Origin="https://example.com")[0].status == 403
    assert fetch("/clock", {"action": "year"}, Origin="null")[0].status == 403
    assert fetch("/", None, Host="rebound.example.com")[0].status == 403
    assert sandbox.account.now - before < 60


def test_what_people_type_is_escaped(fetch: Any, client: Any, sandbox: Sandbox):
    product = client.products.create({"name": "<script>alert(1)</script>"})
    price = client.prices.create({"product": product.id, "currency": "eur", "unit_amount": 1, "recurring": {"interval": "day"}})
    session = open_session(client, price.id, customer_email='"><script>@example.com')

    _, html = fetch(f"/pay/{session.id}")

    assert "<script>" not in html


def test_moving_the_clock_shows_what_it_brought(fetch: Any, client: Any, sandbox: Sandbox, buy: Any):
    buy(), buy(renewals="declines"), buy(subscription_data={"trial_period_days": 20})

    fetch("/clock", {"action": "month"})
    _, html = fetch("/clock")
    assert "went from active to past due" in html
    assert "Renewed: EUR 5.00 paid by" in html
    assert "Payment failed: EUR 5.00, attempt 1, of" in html
    assert "Next attempt on" in html
    assert "Trial ends in three days for" in html
    assert "Subscribed" not in html
    for link in set(re.findall(r'href="(/[^"]+)"', html)):
        assert fetch(link)[0].status == 200, link
    fetch("/clock", {"action": "month"})
    assert "Subscription ended: every attempt to charge failed" in fetch("/clock")[1]


def test_the_last_attempt_leaves_what_was_chosen(fetch: Any, client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy(renewals="declines")

    fetch("/clock", {"action": "keep", "dunning_end": "unpaid"})
    fetch("/clock", {"action": "month"})
    fetch("/clock", {"action": "month"})

    assert client.subscriptions.retrieve(subscription.id).status == "unpaid"


def test_a_person_gets_another_card_and_loses_what_they_have(fetch: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()
    path, named = f"/people/{subscription.customer}", {"subscription": subscription.id}
    assert "reader@example.com" in fetch("/people")[1]

    for card, state in (("declines", "past_due"), ("succeeds", "active"), ("expired", "past_due"), ("succeeds", "active")):
        fetch(path, {"action": "card", "card": card})
        sandbox.advance(months=1 if state == "past_due" else 0, days=4 if state == "active" else 0)
        assert sandbox.object(subscription.id)["status"] == state
    fetch(path, named | {"action": "cancel"})
    assert "Don’t cancel" in fetch(path)[1]
    fetch(path, named | {"action": "undo"})
    assert not sandbox.object(subscription.id)["cancel_at_period_end"]
    fetch(path, named | {"action": "end"})

    assert sandbox.object(subscription.id)["status"] == "canceled"
    assert "End now" not in fetch(path)[1]


def test_buttons_of_one_person_do_not_touch_another(fetch: Any, sandbox: Sandbox, buy: Any):
    mine, theirs = buy(), buy()

    fetch(f"/people/{mine.customer}", {"action": "end", "subscription": theirs.id})

    assert sandbox.object(theirs.id)["status"] == "active"


def test_a_payment_is_refunded_and_disputed_by_button(fetch: Any, client: Any, sandbox: Sandbox, buy: Any):
    buy()
    [intent] = client.payment_intents.list().data
    path = f"/payments/{intent.id}"

    fetch(path, {"action": "half"})
    assert "refunded in part" in fetch("/payments")[1]
    fetch(path, {"action": "dispute"})
    assert "The magazine wins the dispute" in fetch(path)[1]
    fetch(path, {"action": "win"})
    fetch(path, {"action": "refund"})

    assert (client.charges.list().data[0].refunded, sandbox.objects("dispute")[0]["status"]) == (True, "won")


def test_what_the_site_did_not_take_is_sent_again_by_one_button(fetch: Any, client: Any, sandbox: Sandbox):
    sandbox.set_faults(drop_webhooks=True)
    client.products.create({"name": "Reader"})
    assert "The site has not taken 1 of them." in fetch("/events")[1]
    assert "lost on the way" in fetch("/events")[1]
    sandbox.set_faults()

    fetch("/events", {})
    sandbox.deliver(lambda body, signature: 200)

    assert "The site has taken all of them." in fetch("/events")[1]
