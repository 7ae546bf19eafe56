"""Contributions: given once or every month, thanked for once, counted, stopped, and never a way in."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import privacy
from billing.contributions import clear_old, totals
from billing.entitlements import entitled_user_ids, entitlement_of, holding_of
from billing.models import CheckoutAttempt, Contribution, ContributionSettings, DoubleSubscription, Mail, Payment, Subscription
from billing.models.plans import parse_amount
from billing.reconciling import reconcile_recent
from billing.synchronising import synchronise_customer
from tests.billing.conftest import Till
from tests.factories import make_user


@pytest.fixture(autouse=True)
def _open(db):
    rules = ContributionSettings.load()
    rules.is_open = True
    rules.thanks = "It pays for trains and tea."
    rules.save()


def change(**fields):
    rules = ContributionSettings.load()
    for name, value in fields.items():
        setattr(rules, name, value)
    rules.save()


def wish(client, every="once", **fields):
    return client.post(
        "/support/", {"every": every, "suggested": "2500" if every == "once" else "500", "amount": "", "name": "Rhea", **fields}
    )


def give(till: Till, client, user, every="once", outcome="paid", **fields) -> CheckoutAttempt:
    assert wish(client, every, **fields).status_code == 303
    attempt = CheckoutAttempt.objects.filter(user=user, kind="contribution").latest("pk")
    till.stripe.complete_checkout(attempt.stripe_session_id, outcome)
    return attempt


def given(till: Till, client, user, every="once", **fields) -> Contribution:
    attempt = give(till, client, user, every, **fields)
    till.come_back(client, attempt)
    return Contribution.objects.get(pk=attempt.subject_id)


def charge_of(till, user):
    return till.stripe.objects("charge", customer=user.customer.stripe_id)[0]["id"]


# Asked -----------------------------------------------------------------------------------------------------------


def test_the_page_suggests_amounts_once_and_monthly_and_may_be_cached(client):
    once = client.get("/support/")
    assert "€25" in once.content.decode()
    assert once.headers["Cache-Control"].startswith("public")
    monthly = client.get("/support/?every=month").content.decode()
    assert "€3<" in monthly and "€25<" not in monthly
    change(takes_monthly=False)
    assert "Every month" not in client.get("/support/?every=month").content.decode()


def test_a_suggestion_outside_the_limits_is_left_out(client):
    change(suggested_once="100, 500, 900000", minimum=200)
    text = client.get("/support/").content.decode()
    assert "€5<" in text and "€1<" not in text and "€9,000<" not in text


def test_a_magazine_that_takes_none_says_how_else(client, settings):
    change(is_open=False)
    text = client.get("/support/").content.decode()
    assert "<form" not in text.split("<main")[1].split("</main>")[0]
    assert client.post("/support/", {"suggested": "2500"}).status_code == 302


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        *[
            ("12", "EUR", 1200),
            ("12,50", "EUR", 1250),
            ("12.5", "EUR", 1250),
            (" €7 ", "EUR", 700),
            ("１２", "EUR", 1200),
            ("900", "JPY", 900),
        ],
        *[
            ("900.00", "JPY", None),
            ("1.000", "EUR", None),
            ("-5", "EUR", None),
            ("1e3", "EUR", None),
            ("five", "EUR", None),
            ("", "EUR", None),
        ],
    ],
)
def test_amounts_are_read_as_people_write_them(text, currency, amount):
    assert parse_amount(text, currency) == amount


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "1"},
        {"amount": "99999"},
        {"amount": "lots"},
        {"suggested": "", "amount": ""},
        {"suggested": "1"},
        {"message": "see http://evil.example"},
        {"message": "x" * 501},
    ],
)
def test_what_can_not_be_is_said_and_nothing_typed_is_lost(till, as_reader, wrong):
    response = wish(as_reader, **wrong)
    assert response.status_code == 422
    assert 'value="Rhea"' in response.content.decode() and 'role="alert"' in response.content.decode()
    assert not Contribution.objects.exists()


def test_currency_and_kind_are_ours_and_a_written_amount_counts_before_a_suggested_one(till, as_reader, reader):
    wish(as_reader, amount="12,50", currency="JPY", unit_amount="1", kind="subscription")
    session = till.stripe.object(till.session_of(reader))
    assert (session["amount_subtotal"], session["currency"], session["mode"]) == (1250, "eur", "payment")
    assert session["metadata"]["kind"] == "contribution"


def test_a_currency_without_decimals(till, as_reader, reader):
    change(currency="JPY", minimum=100, maximum=100000, suggested_once="500, 1000")
    row = given(till, as_reader, reader, suggested="1000")
    assert row.display == "¥1,000" and till.stripe.object(till.session_of(reader))["amount_total"] == 1000


def test_who_is_not_signed_in_fills_no_session_with_what_the_form_does_not_ask(client):
    assert wish(client, heap="x" * 100_000, name="Rhea" + " " * 100_000).status_code == 302
    assert len(str(client.session["giving"])) < 5_000


def test_who_is_not_signed_in_finds_amount_and_words_again(till, client, reader):
    response = wish(client, "month", amount="12", message="For the tea.")
    assert response.status_code == 302 and "tea" not in response.headers["Location"]
    client.force_login(reader)
    text = client.get("/support/?every=month").content.decode()
    assert 'value="12"' in text and "For the tea." in text


def test_the_same_twice_is_one_purchase(till, as_reader):
    assert wish(as_reader).headers["Location"] == wish(as_reader).headers["Location"]
    assert Contribution.objects.count() == 1


def test_card_testers_are_stopped_and_other_sites_refused(till, as_reader):
    answers = [wish(as_reader).status_code for _ in range(21)]
    assert answers[:20] == [303] * 20 and answers[20] == 429
    assert as_reader.post("/support/", {"suggested": "2500"}, headers={"Origin": "https://evil.example"}).status_code == 403


def test_when_stripe_fails_the_words_wait(till, as_reader):
    till.stripe.set_faults(api="error")
    assert wish(as_reader, amount="33").status_code == 503
    till.stripe.set_faults()
    assert 'value="33"' in as_reader.get("/support/").content.decode()


# Given -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", ["once", "month"])
def test_return_webhook_and_reconciler_alone_make_the_same_rows_and_one_mail(till, reader, every, django_capture_on_commit_callbacks):
    ways = {
        "return": lambda client, attempt: till.come_back(client, attempt),
        "webhook": lambda client, attempt: till.deliver(till.stripe.events("checkout.session.completed")[-1]),
        "reconciler": lambda client, attempt: reconcile_recent(),
    }
    rows = []
    for act in ways.values():
        user, client = make_user(), Client()
        client.force_login(user)
        attempt = give(till, client, user, every)
        for _ in range(3):
            with django_capture_on_commit_callbacks(execute=True):
                act(client, attempt)
        row = Contribution.objects.get(user=user)
        attempt.refresh_from_db()
        payments = list(Payment.objects.filter(user=user).values_list("kind", "amount"))
        sent = [letter.subject for letter in mail.outbox if letter.to == [user.email]]
        rows.append((row.is_paid, row.amount, attempt.status, payments, sent, Subscription.objects.filter(user=user).count()))
    amount, subscriptions = (2500, 0) if every == "once" else (500, 1)
    (subject,) = rows[0][4]
    assert "Thank you" in subject and "trains and tea" in mail.outbox[0].body
    assert rows == [(True, amount, "complete", [("contribution", amount)], [subject], subscriptions)] * 3


def test_completed_but_unpaid_thanks_nobody_yet(till, as_reader, reader):
    attempt = give(till, as_reader, reader, outcome="delayed")
    assert "being processed" in till.come_back(as_reader, attempt).content.decode()
    assert not Contribution.objects.paid().exists() and not Mail.objects.exists()
    till.stripe.settle(till.stripe.object(attempt.stripe_session_id)["payment_intent"])
    assert "Thank you." in till.come_back(as_reader, attempt).content.decode()
    assert Contribution.objects.paid().count() == 1


def test_another_amount_than_the_one_named_counts_for_nothing(till, as_reader, reader):
    from billing import contributions

    attempt = give(till, as_reader, reader)
    session = till.stripe.object(attempt.stripe_session_id)
    for changed in ({"amount_subtotal": 1}, {"currency": "jpy"}):
        contributions.fulfil(attempt, session | changed)
    assert not Contribution.objects.paid().exists()


@pytest.mark.parametrize("every", ["once", "month"])
def test_it_never_opens_anything_whatever_way_one_looks(till, as_reader, reader, every):
    given(till, as_reader, reader, every, amount="900")
    synchronise_customer(reader.customer)
    row = Subscription.objects.filter(user=reader).first()
    assert not entitlement_of(reader).opens_everything
    assert reader.pk not in set(entitled_user_ids())
    assert holding_of(reader).state == "none"
    if row is not None:
        assert row.status == "active" and not row.is_entitling() and not row.is_personal
        assert not Subscription.objects.entitling().exists() and not Subscription.objects.personal().exists()


def test_a_subscriber_who_gives_every_month_has_no_double_and_a_giver_may_subscribe(till, as_reader, reader, month):
    given(till, as_reader, reader, "month")
    till.come_back(as_reader, till.pay(as_reader, reader, month))
    assert entitlement_of(reader).opens_everything
    assert Subscription.objects.live().filter(user=reader).count() == 2
    assert not DoubleSubscription.objects.exists()


def test_nobody_gives_every_month_twice_by_mistake(till, as_reader, reader):
    given(till, as_reader, reader, "month")
    response = wish(as_reader, "month", amount="20")
    assert response.headers["Location"] == "/account/contributions/"
    assert Contribution.objects.count() == 1
    assert wish(as_reader, "once").status_code == 303


def test_a_monthly_one_renews_is_counted_from_payments_and_stops_at_a_press(till, as_reader, reader):
    row = given(till, as_reader, reader, "month")
    with till.later(days=32):
        synchronise_customer(reader.customer)
        assert Payment.objects.filter(kind="contribution").count() == 2
        text = as_reader.get("/account/contributions/").content.decode()
        assert "€5 every month since" in text and "Stop giving" in text
        as_reader.post(f"/account/contributions/{row.pk}/stop/")
        assert Subscription.objects.get().status == "canceled"
        assert "stopped" in as_reader.get("/account/contributions/").content.decode()
    with till.later(days=100):
        assert len(till.stripe.objects("charge", customer=reader.customer.stripe_id)) == 2


def test_nobody_stops_what_others_give(till, as_reader, reader):
    row = given(till, as_reader, reader, "month")
    other = Client()
    other.force_login(make_user())
    assert other.post(f"/account/contributions/{row.pk}/stop/").status_code == 404
    assert Subscription.objects.get().is_live
    till.stripe.set_faults(api="error")
    assert "goes on for now" in as_reader.post(f"/account/contributions/{row.pk}/stop/", follow=True).content.decode()
    till.stripe.set_faults()
    as_reader.post(f"/account/contributions/{row.pk}/stop/")
    as_reader.post(f"/account/contributions/{row.pk}/stop/")
    assert not Subscription.objects.get().is_live


# Counted ---------------------------------------------------------------------------------------------------------


def test_people_and_the_month_are_counted_without_what_went_back(till, as_reader, reader):
    given(till, as_reader, reader)
    given(till, as_reader, reader, "month")
    other, client = make_user(), Client()
    client.force_login(other)
    row = given(till, client, other, amount="100")
    assert totals() == totals(at=timezone.now())
    assert (totals().people, totals().this_month) == (2, 13000)
    till.stripe.refund(charge_of(till, other))
    till.deliver(till.stripe.events("charge.refunded")[-1])
    row.refresh_from_db()
    assert row.withdrawn_at is not None
    assert (totals().people, totals().this_month) == (1, 3000)
    assert totals(at=timezone.now() + timedelta(days=400)).people == 0


def test_the_page_says_so_only_where_the_editor_likes_it(till, as_reader, reader):
    given(till, as_reader, reader)
    nobody = Client()
    assert "reader supports" not in nobody.get("/support/").content.decode()
    change(shows_count=True)
    assert "1 reader supports" in nobody.get("/support/").content.decode()
    change(shows_sum=True)
    assert "€25 this month" in nobody.get("/support/").content.decode()


def test_names_are_shown_by_consent_of_giver_and_desk(till, as_reader, reader, editor):
    row = given(till, as_reader, reader, is_public="on", message="For the tea.")
    private = given(till, as_reader, reader, message="Just between us.")
    nobody, desk = Client(), Client()
    desk.force_login(editor)
    assert "For the tea." not in nobody.get("/support/").content.decode()
    url = "/admin/billing/contribution/"
    desk.post(url, {"action": "show_on_page", "_selected_action": [row.pk, private.pk]})
    text = nobody.get("/support/").content.decode()
    assert "For the tea." in text and "Rhea" in text and "Just between us." not in text
    assert [contribution.is_shown for contribution in (Contribution.objects.get(pk=row.pk), Contribution.objects.get(pk=private.pk))] == [
        True,
        False,
    ]
    assert list(Contribution.objects.shown()) == [row]
    desk.post(url, {"action": "take_off_page", "_selected_action": [row.pk]})
    assert "For the tea." not in nobody.get("/support/").content.decode()


def test_the_lists_do_not_ask_more_for_more_rows(till, as_reader, reader, editor, count_queries):
    desk = Client()
    desk.force_login(editor)
    pages = [(desk, "/admin/billing/contribution/"), (as_reader, "/account/contributions/")]
    given(till, as_reader, reader, "month")
    numbers = []
    for _ in range(2):
        for client, url in pages:
            with count_queries() as queries:
                assert client.get(url).status_code == 200
            numbers.append(len(queries))
        given(till, as_reader, reader)
        wish(as_reader, message="Never paid.")
    assert numbers[2:] <= numbers[:2]
    assert desk.get("/admin/billing/contributionsettings/1/change/").status_code == 200


def test_what_was_never_paid_is_forgotten(till, as_reader, reader):
    row = given(till, as_reader, reader)
    wish(as_reader, message="Never paid.")
    CheckoutAttempt.objects.filter(status="open").update(status="expired")
    clear_old(at=timezone.now() + timedelta(days=29))
    assert Contribution.objects.count() == 2
    clear_old(at=timezone.now() + timedelta(days=31))
    assert list(Contribution.objects.all()) == [row] == list(Contribution.objects.paid())


def test_it_is_exported_stopped_and_its_words_forgotten_when_a_giver_leaves(till, as_reader, reader):
    given(till, as_reader, reader, "month", is_public="on", message="For the tea.")
    part = privacy.parts["subscriptions"]
    assert part.export(reader)["contributions"][0]["message"] == "For the tea."
    part.before_deletion(reader, True)
    assert not Subscription.objects.get().is_live
    part.erase(reader, True)
    row = Contribution.objects.get()
    assert (row.name, row.message, row.is_public, row.amount) == ("", "", False, 500)
