"""From the prices to Stripe."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from billing.entitlements import lowest_price
from billing.models import CheckoutAttempt, Customer, Plan, Price, Subscription
from tests.factories import make_price


def test_the_prices_are_a_page_that_a_cache_may_keep(client, year, month):
    response = client.get("/subscribe/")
    text = response.content.decode()
    assert "€70" in text and "€5.83 a month" in text and "€7 " in text
    assert "Two months free" in text
    assert response.headers["Cache-Control"].startswith("public")


def test_prices_are_shown_in_the_currency_asked_for(client, plan, month):
    make_price(plan=plan, amount=900, currency="USD")
    assert "€7" in client.get("/subscribe/").content.decode()
    text = client.get("/subscribe/?currency=USD").content.decode()
    assert "$9" in text and "€7 " not in text
    assert "€7" in client.get("/subscribe/?currency=XXX").content.decode()


def test_prices_off_sale_are_not_offered(client, month, plan):
    make_price(plan=plan, amount=12300, interval="year", is_current=False)
    assert "€123" not in client.get("/subscribe/").content.decode()
    plan.is_on_sale = False
    plan.save()
    assert "Nothing is on sale" in client.get("/subscribe/").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_plans(client, month, year, count_queries):
    client.get("/subscribe/")
    with count_queries() as few:
        client.get("/subscribe/")
    for _ in range(6):
        make_price()
    with count_queries() as many:
        client.get("/subscribe/")
    assert len(many) == len(few)


def test_the_server_picks_the_price_and_ignores_everything_else(till, as_reader, reader, month):
    tampered = {"amount": "1", "price": "price_other", "unit_amount": "1", "quantity": "9", "trial_period_days": "900", "coupon": "FREE"}
    response = till.choose(as_reader, month, **tampered)
    assert response.status_code == 303
    session = till.stripe.object(till.session_of(reader))
    assert response.headers["Location"] == session["url"]
    assert (session["amount_total"], session["currency"], session["discounts"]) == (700, "eur", [])
    line = till.stripe.account.store.notes(session["id"])["line_items"][0]
    assert line["quantity"] == 1
    assert (
        "trial_period_days" not in till.stripe.account.store.notes(session["id"])["subscription_data"]
        or not (till.stripe.account.store.notes(session["id"])["subscription_data"]["trial_period_days"])
    )


@pytest.mark.parametrize("fields", [{"interval": "day"}, {"currency": "eur'"}, {"interval": ""}])
def test_a_choice_that_does_not_exist_is_refused(till, as_reader, month, fields):
    assert till.choose(as_reader, month, **fields).status_code == 400


def test_a_price_that_is_not_sold_is_not_found(till, as_reader, month, year):
    Price.objects.filter(pk=month.pk).update(is_current=False)
    assert till.choose(as_reader, month).status_code == 404
    assert till.choose(as_reader, year, currency="USD").status_code == 404
    assert CheckoutAttempt.objects.count() == 0


def test_the_session_says_whose_it_is_and_the_way_back_names_both_references(till, as_reader, reader, month):
    till.choose(as_reader, month)
    attempt = CheckoutAttempt.objects.get()
    session = till.stripe.object(attempt.stripe_session_id)
    assert session["client_reference_id"] == attempt.reference
    assert session["metadata"]["reader"] == str(reader.pk) and session["metadata"]["kind"] == "subscription"
    query = parse_qs(urlsplit(session["success_url"]).query)
    assert query == {"reference": [attempt.reference], "session_id": ["{CHECKOUT_SESSION_ID}"]}


def test_a_stranger_signs_in_first_and_comes_back_to_the_choice(till, client, reader, year):
    response = till.choose(client, year, next="/an-article/")
    assert response.status_code == 302
    back = parse_qs(urlsplit(response.headers["Location"]).query)["next"][0]
    assert CheckoutAttempt.objects.count() == 0
    client.force_login(reader)
    text = client.get(back).content.decode()
    assert "Your choice" in text and "Reader, €70 a year" in text and 'name="next" value="/an-article/"' in text


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/" + "x" * 600])
def test_the_way_back_never_leaves_the_site(till, as_reader, month, path):
    till.choose(as_reader, month, next=path)
    assert CheckoutAttempt.objects.get().next_path == ""


def test_a_form_of_another_site_buys_nothing(till, as_reader, month):
    url = reverse("billing:checkout", args=[month.plan.slug])
    data = {"interval": month.interval, "currency": month.currency}
    assert as_reader.post(url, data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert as_reader.post(url, data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert CheckoutAttempt.objects.count() == 0
    checked = Client(enforce_csrf_checks=True)
    checked.cookies = as_reader.cookies
    assert checked.post(url, data, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_two_tabs_share_one_session(till, as_reader, month):
    first, second = till.choose(as_reader, month), till.choose(as_reader, month)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(till.stripe.objects("checkout.session")) == 1
    assert CheckoutAttempt.objects.count() == 1


def test_choosing_another_price_closes_the_session_of_the_first(till, as_reader, month, year):
    till.choose(as_reader, month)
    till.choose(as_reader, year)
    newest, oldest = till.stripe.objects("checkout.session")
    assert (oldest["status"], newest["status"]) == ("expired", "open")
    assert newest["amount_total"] == 7000
    assert CheckoutAttempt.objects.open().get().price == year


def test_product_price_and_customer_are_made_at_stripe_once(till, as_reader, month, year):
    for price in (month, year, month):
        till.choose(as_reader, price)
    assert len(till.stripe.objects("product")) == 1
    assert sorted(price["unit_amount"] for price in till.stripe.objects("price")) == [700, 7000]
    assert len(till.stripe.objects("customer")) == 1


def test_who_subscribes_already_is_sold_nothing_even_if_we_never_heard_of_it(till, as_reader, reader, month, year):
    till.pay(as_reader, reader, month)
    assert Subscription.objects.count() == 0
    response = till.choose(as_reader, year)
    assert response.status_code == 302 and response.headers["Location"] == reverse("billing:account")
    assert Subscription.objects.get(user=reader).is_entitling()
    assert len(till.stripe.objects("checkout.session")) == 1
    assert "You subscribe already" in as_reader.get(reverse("billing:account")).content.decode()


def test_a_session_left_open_is_closed_once_the_reader_subscribes(till, as_reader, reader, month, year):
    till.choose(as_reader, month)
    stray = till.stripe.object(till.session_of(reader))
    CheckoutAttempt.objects.all().delete()
    attempt = till.pay(as_reader, reader, year)
    assert till.stripe.object(stray["id"])["status"] == "expired"
    assert attempt.price == year


def test_an_abandoned_checkout_opens_nothing_and_can_be_begun_anew(till, as_reader, reader, month):
    till.choose(as_reader, month)
    first = till.session_of(reader)
    with till.later(days=2):
        assert till.choose(as_reader, month).status_code == 303
        assert till.session_of(reader) != first
    assert CheckoutAttempt.objects.get(stripe_session_id=first).status == "expired"
    assert Subscription.objects.count() == 0


def test_a_customer_deleted_at_stripe_is_made_again(till, as_reader, reader, month):
    till.choose(as_reader, month)
    gone = reader.customer.stripe_id
    till.stripe.account.save({"id": gone, "object": "customer", "deleted": True})
    assert till.choose(as_reader, month).status_code == 303
    assert Customer.objects.get(user=reader).stripe_id != gone


@pytest.mark.parametrize("fault", ["error", "error_after"])
def test_when_stripe_fails_the_reader_is_told_so_and_a_retry_makes_one_session(till, as_reader, reader, month, fault):
    till.choose(as_reader, month)
    till.stripe.account.store.rows("DELETE FROM objects WHERE kind = 'checkout.session'")
    CheckoutAttempt.objects.all().delete()
    till.stripe.set_faults(api=fault)
    response = till.choose(as_reader, month)
    assert response.status_code == 503
    assert "You were charged nothing" in response.content.decode() and "Try again" in response.content.decode()
    till.stripe.set_faults()
    assert till.choose(as_reader, month).status_code == 303
    assert len(till.stripe.objects("checkout.session", status="open")) == 1


def test_a_session_whose_making_was_never_answered_is_taken_up(till, as_reader, reader, month, monkeypatch):
    from billing import stripe_client

    make = stripe_client.create_session

    def unanswered(params):
        make(params)
        raise stripe_client.StripeCallError("no answer")

    monkeypatch.setattr(stripe_client, "create_session", unanswered)
    assert till.choose(as_reader, month).status_code == 503
    monkeypatch.undo()
    response = till.choose(as_reader, month)
    (session,) = till.stripe.objects("checkout.session")
    assert response.headers["Location"] == session["url"]
    assert CheckoutAttempt.objects.get().reference == session["client_reference_id"]


def test_when_nobody_listens_at_stripe_the_page_is_friendly(till, as_reader, month, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert till.choose(as_reader, month).status_code == 503


def test_the_support_page_sends_to_the_prices(client, db):
    text = client.get("/support/").content.decode()
    assert 'href="/subscribe/"' in text and "<form" not in text.split("<main")[1].split("</main>")[0]


def test_a_paywall_names_the_monthly_price_of_the_recommended_plan_in_the_magazines_own_currency(plan, month):
    make_price(plan=plan, amount=100, currency="GBP")
    cheaper = Plan.objects.create(name="Student", slug="student", position=2)
    make_price(plan=cheaper, amount=350)
    Plan.objects.filter(pk=plan.pk).update(is_recommended=True)
    assert lowest_price() == month
    Plan.objects.filter(pk=plan.pk).update(is_on_sale=False)
    cache.clear()
    assert lowest_price() == cheaper.prices.get()


def test_what_led_to_the_purchase_is_kept_across_the_sign_in_and_nothing_but_a_slug(till, client, reader, month):
    response = till.choose(client, month, came_from="spring", next="/an-article/")
    back = parse_qs(urlsplit(response.headers["Location"]).query)["next"][0]
    client.force_login(reader)
    assert 'name="came_from" value="spring"' in client.get(back).content.decode()
    till.choose(client, month, came_from="spring", next="/an-article/")
    assert CheckoutAttempt.objects.get().came_from == "spring"
    till.choose(client, month, came_from="<b>")
    assert CheckoutAttempt.objects.get().came_from == ""
