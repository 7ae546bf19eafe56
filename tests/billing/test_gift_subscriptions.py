"""Gift subscriptions: what is sold, paid, delivered, sent again and forgotten."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import privacy
from billing.entitlements import entitlement_of
from billing.gifts import clear_old, late_context, link_of, renew_link, revoke
from billing.models import CheckoutAttempt, GiftSubscription, Grant, Mail, SellingRules
from billing.reconciling import reconcile_recent
from billing.tasks import send_waiting_mails
from tests.billing.gifting import FRIEND, bought, buy, path_of, wish
from tests.factories import make_price

# Buying ----------------------------------------------------------------------------------------------------------


def test_the_page_offers_months_and_a_year_at_what_the_plan_costs_and_may_be_cached(client, month, year):
    response = client.get("/subscribe/gift/")
    text = response.content.decode()
    assert "One year, €70" in text and "Three months, €21" in text and "One month, €7" in text
    assert response.headers["Cache-Control"].startswith("public")


def test_a_plan_that_is_nobodys_to_give_is_left_out(till, as_reader, year, plan):
    plan.is_giftable = False
    plan.save()
    assert "Nothing is on sale" in as_reader.get("/subscribe/gift/").content.decode()
    assert wish(as_reader, year).status_code == 422


def test_without_a_yearly_price_a_year_costs_twelve_months(client, month):
    assert "One year, €84" in client.get("/subscribe/gift/").content.decode()


def test_in_a_currency_without_decimals_the_amount_stays_whole(till, as_reader, reader, plan):
    yen = make_price(plan=plan, amount=900, currency="JPY")
    gift = bought(till, as_reader, reader, yen, months=3)
    assert (gift.amount, gift.currency, gift.display) == (2700, "JPY", "¥2,700")
    assert till.stripe.object(till.session_of(reader))["amount_total"] == 2700


def test_the_server_picks_the_amount_whatever_is_posted(till, as_reader, reader, year):
    wish(as_reader, year, amount="1", unit_amount="1", months_posted="99", plan="other")
    session = till.stripe.object(till.session_of(reader))
    assert (session["amount_subtotal"], session["currency"], session["mode"]) == (7000, "eur", "payment")
    assert wish(as_reader, year, months=99).status_code == 422
    assert wish(as_reader, year, currency="XXX").status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [
        {"recipient_email": ""},
        {"recipient_email": "no address"},
        {"deliver_on": "2001-01-01"},
        {"message": "See https://evil.example"},
        {"giver_name": "www.evil.example"},
        {"message": "x" * 1001},
        {"way": "pigeon"},
    ],
)
def test_what_can_not_be_is_said_and_nothing_typed_is_lost(till, as_reader, year, wrong):
    response = wish(as_reader, year, **wrong)
    assert response.status_code == 422
    text = response.content.decode()
    assert ("is-wrong" in text and 'value="Rhea"' in text) or "Read this, all of it." in text
    assert not GiftSubscription.objects.exists()


def test_who_is_not_signed_in_finds_their_words_again_and_no_address_is_in_any_url(till, client, reader, year):
    response = wish(client, year)
    assert response.status_code == 302 and "friend" not in response.headers["Location"]
    assert not GiftSubscription.objects.exists()
    client.force_login(reader)
    text = client.get("/subscribe/gift/?currency=EUR").content.decode()
    assert "Read this, all of it." in text and f'value="{FRIEND}"' in text


def test_the_same_gift_twice_is_one_purchase_and_another_gift_another(till, as_reader, year):
    first, second = wish(as_reader, year), wish(as_reader, year)
    assert first.headers["Location"] == second.headers["Location"]
    assert GiftSubscription.objects.count() == 1
    assert wish(as_reader, year, message="Another.").headers["Location"] != first.headers["Location"]


def test_when_stripe_fails_what_was_typed_waits_in_the_form(till, as_reader, year):
    till.stripe.set_faults(api="error")
    response = wish(as_reader, year)
    assert response.status_code == 503 and "You were charged nothing" in response.content.decode()
    till.stripe.set_faults()
    assert "Read this, all of it." in as_reader.get("/subscribe/gift/").content.decode()


def test_card_testers_are_stopped(till, as_reader, year):
    answers = [wish(as_reader, year).status_code for _ in range(21)]
    assert answers[:20] == [303] * 20 and answers[20] == 429


# Paid ------------------------------------------------------------------------------------------------------------


def test_a_paid_gift_is_mailed_and_the_token_is_in_no_row(till, as_reader, reader, year, django_capture_on_commit_callbacks):
    attempt = buy(till, as_reader, reader, year)
    with django_capture_on_commit_callbacks(execute=True):
        till.come_back(as_reader, attempt)
    gift = GiftSubscription.objects.get()
    to_friend = next(letter for letter in mail.outbox if letter.to == [FRIEND])
    token = re.search(r"/subscribe/gift/([\w-]+)/", to_friend.body)[1]
    assert len(token) >= 43 and "Rhea has given you one year" in to_friend.body and "Read this" in to_friend.body
    assert [letter.to for letter in mail.outbox if letter != to_friend] == [["reader@example.com"]]
    with connection.cursor() as cursor:
        for table in ("billing_giftsubscription", "billing_mail", "billing_checkoutattempt", "billing_webhookevent"):
            cursor.execute(f"SELECT * FROM {table}")
            assert token not in str(cursor.fetchall())
    assert gift.is_redeemable() and gift.expires_at > timezone.now() + timedelta(days=700)


def test_return_webhook_and_reconciler_alone_make_the_same_rows_and_mails(till, as_reader, reader, year):
    ways = {
        "return": lambda attempt: till.come_back(as_reader, attempt),
        "webhook": lambda attempt: till.deliver(till.stripe.events("checkout.session.completed")[-1]),
        "reconciler": lambda attempt: reconcile_recent(),
    }
    rows = []
    for name, act in ways.items():
        attempt = buy(till, as_reader, reader, year, message=name)
        for _ in range(3):
            act(attempt)
        gift = GiftSubscription.objects.get(pk=attempt.subject_id)
        attempt.refresh_from_db()
        mails = sorted(Mail.objects.filter(context__gift=gift.pk).values_list("name", flat=True))
        rows.append((gift.state, gift.amount, bool(gift.token_hash), attempt.status, mails))
    assert rows[0] == rows[1] == rows[2] == ("open", 7000, True, "complete", ["gift", "gift_bought"])


def test_completed_but_unpaid_gives_no_link_until_the_money_is_there(till, as_reader, reader, year):
    attempt = buy(till, as_reader, reader, year, outcome="delayed")
    text = till.come_back(as_reader, attempt).content.decode()
    gift = GiftSubscription.objects.get()
    assert "being processed" in text and gift.state == "unpaid" and link_of(gift) == ""
    assert not Mail.objects.exists()
    till.stripe.settle(till.stripe.object(attempt.stripe_session_id)["payment_intent"])
    till.come_back(as_reader, attempt)
    gift.refresh_from_db()
    assert gift.state == "open" and link_of(gift)


def test_a_debit_that_bounces_gives_nothing(till, as_reader, reader, year):
    attempt = buy(till, as_reader, reader, year, outcome="delayed")
    till.stripe.settle(till.stripe.object(attempt.stripe_session_id)["payment_intent"], paid=False)
    text = till.come_back(as_reader, attempt).content.decode()
    assert "Nothing was paid" in text and GiftSubscription.objects.get().state == "unpaid"


def test_tax_on_top_does_not_matter_but_another_amount_or_currency_gives_nothing(till, as_reader, reader, year, monkeypatch):
    from billing import gifts

    attempt = buy(till, as_reader, reader, year)
    session = till.stripe.object(attempt.stripe_session_id)
    for changed in ({"amount_subtotal": 1}, {"currency": "usd"}):
        gifts.fulfil(attempt, session | changed)
        assert not GiftSubscription.objects.get().is_paid
    gifts.fulfil(attempt, session | {"amount_total": 8470})
    assert GiftSubscription.objects.get().is_paid


@pytest.mark.parametrize("behaviour", ["inclusive", "exclusive"])
def test_a_taxed_gift_is_given_as_any_other(till, as_reader, reader, year, behaviour):
    rules = SellingRules.load()
    rules.collects_tax, rules.tax_behavior = True, behaviour
    rules.save()
    gift = bought(till, as_reader, reader, year)
    session = till.stripe.object(till.session_of(reader))
    assert session["total_details"]["amount_tax"] > 0 and (session["amount_total"] > 7000) == (behaviour == "exclusive")
    assert gift.state == "open" and gift.amount == 7000


def test_a_gift_for_a_day_waits_for_it(till, as_reader, reader, year, django_capture_on_commit_callbacks):
    day = timezone.localdate() + timedelta(days=10)
    with django_capture_on_commit_callbacks(execute=True):
        gift = bought(till, as_reader, reader, year, deliver_on=day.isoformat())
    send_waiting_mails()
    assert [letter.to for letter in mail.outbox] == [["reader@example.com"]]
    assert gift.expires_at > gift.deliver_at + timedelta(days=700)
    with time_machine.travel(timezone.now() + timedelta(days=10, hours=12)):
        send_waiting_mails()
        assert mail.outbox[-1].to == [FRIEND] and path_of(gift) in mail.outbox[-1].body


def test_an_address_begun_and_left_does_not_hinder_who_hands_over_the_link(till, as_reader, year):
    assert wish(as_reader, year, way="link", recipient_email="half an", deliver_on="2001-01-01").status_code == 303
    gift = GiftSubscription.objects.get()
    assert (gift.recipient_email, gift.deliver_at) == ("", None)


def test_one_handed_over_by_hand_goes_to_nobody_and_its_link_to_the_buyer(
    till, as_reader, reader, year, django_capture_on_commit_callbacks
):
    attempt = buy(till, as_reader, reader, year, way="link")
    with django_capture_on_commit_callbacks(execute=True):
        text = till.come_back(as_reader, attempt).content.decode()
    gift = GiftSubscription.objects.get()
    assert [letter.to for letter in mail.outbox] == [["reader@example.com"]]
    assert link_of(gift) in text and link_of(gift) in mail.outbox[0].body and gift.recipient_email == ""


# Afterwards ------------------------------------------------------------------------------------------------------


def test_a_new_address_ends_the_old_link(till, as_reader, reader, year, as_friend, django_capture_on_commit_callbacks):
    gift = bought(till, as_reader, reader, year)
    old = path_of(gift)
    with django_capture_on_commit_callbacks(execute=True):
        as_reader.post(f"/account/gift-subscriptions/{gift.pk}/link/", {"way": "mail", "recipient_email": "right@example.com"})
    assert mail.outbox[-1].to == ["right@example.com"] and path_of(gift) != old and path_of(gift) in mail.outbox[-1].body
    assert as_friend.post(old).status_code == 404
    assert as_friend.post(path_of(gift)).status_code == 302 and Grant.objects.count() == 1


def test_the_page_of_a_giver_shows_how_far_it_came_and_nobody_elses(till, as_reader, reader, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    text = as_reader.get("/account/gift-subscriptions/").content.decode()
    assert f"On its way to {FRIEND}" in text and link_of(gift) in text
    Mail.objects.filter(name="gift").update(status=Mail.Status.FAILED)
    assert "did not arrive" in as_reader.get("/account/gift-subscriptions/").content.decode()
    assert link_of(gift) not in as_friend.get("/account/gift-subscriptions/").content.decode()
    assert as_friend.post(f"/account/gift-subscriptions/{gift.pk}/link/", {"way": "link"}).status_code == 404
    as_friend.post(path_of(gift))
    text = as_reader.get("/account/gift-subscriptions/").content.decode()
    assert "Accepted on" in text and "elsewhere@example.com" not in text


def test_the_number_of_queries_does_not_grow_with_the_gifts(till, as_reader, reader, year, count_queries):
    bought(till, as_reader, reader, year)
    with count_queries() as few:
        as_reader.get("/account/gift-subscriptions/")
    bought(till, as_reader, reader, year, message="Second.")
    with count_queries() as many:
        as_reader.get("/account/gift-subscriptions/")
    assert len(many) == len(few)


def test_sending_again_does_not_become_a_way_to_write_to_strangers(till, as_reader, reader, year):
    gift = bought(till, as_reader, reader, year)
    for _ in range(9):
        as_reader.post(f"/account/gift-subscriptions/{gift.pk}/link/", {"way": "mail", "recipient_email": "x@example.com"})
    gift.refresh_from_db()
    assert gift.link_number == 6


def test_the_link_outlives_a_new_secret_key(till, as_reader, reader, year, as_friend, settings):
    gift = bought(till, as_reader, reader, year)
    link = path_of(gift)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key that is long enough to be one, surely"
    assert path_of(gift) == link
    settings.SECRET_KEY_FALLBACKS = []
    assert link_of(gift) == ""
    assert "One year of" in Client().get(link).content.decode()
    renew_link(gift)
    assert path_of(gift) != link and Client().get(link).status_code == 404


def test_the_newsroom_withdraws_for_good(till, as_reader, reader, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    assert revoke(gift) and not revoke(gift)
    gift.refresh_from_db()
    assert gift.state == "revoked" and not entitlement_of(friend).opens_everything


def test_the_newsroom_sends_a_gift_again_and_withdraws_it_in_its_list(till, as_reader, reader, year, editor, count_queries):
    gift = bought(till, as_reader, reader, year)
    desk = Client()
    desk.force_login(editor)
    url = "/admin/billing/giftsubscription/"
    old = link_of(gift)
    with count_queries() as few:
        assert "not accepted yet" in desk.get(url).content.decode()
    desk.post(url, {"action": "send_again", "_selected_action": [gift.pk]})
    gift.refresh_from_db()
    assert link_of(gift) != old and Mail.objects.filter(address=FRIEND, status=Mail.Status.WAITING).count() == 1
    bought(till, as_reader, reader, year, message="Another.")
    wish(as_reader, year, message="Never paid.")
    with count_queries() as many:
        desk.get(url)
    assert len(many) <= len(few)
    for state in ("open", "undelivered", "redeemed"):
        assert desk.get(url, {"state": state}).status_code == 200
    assert desk.get(f"{url}{gift.pk}/change/").status_code == 200
    desk.post(url, {"action": "withdraw", "_selected_action": [gift.pk]})
    gift.refresh_from_db()
    assert gift.state == "revoked"


def test_a_mail_whose_gift_is_gone_is_dropped(till, as_reader, reader, year):
    gift = bought(till, as_reader, reader, year)
    row = Mail.objects.get(name="gift")
    assert late_context(row)["url"] == link_of(gift)
    GiftSubscription.objects.update(revoked_at=timezone.now())
    send_waiting_mails()
    assert not mail.outbox and Mail.objects.get(name="gift").status == Mail.Status.DROPPED


def test_what_was_never_paid_and_whom_it_was_for_are_forgotten(till, as_reader, reader, year):
    wish(as_reader, year, message="Never paid.")
    gift = bought(till, as_reader, reader, year)
    Mail.objects.filter(name="gift").update(status=Mail.Status.SENT, sent_at=timezone.now())
    clear_old(at=timezone.now() + timedelta(days=31))
    assert GiftSubscription.objects.count() == 2, "its session may still be paid"
    CheckoutAttempt.objects.filter(status="open").update(status="expired")
    clear_old(at=timezone.now() + timedelta(days=31))
    assert list(GiftSubscription.objects.values_list("recipient_email", flat=True)) == [FRIEND]
    clear_old(at=timezone.now() + timedelta(days=91))
    gift.refresh_from_db()
    assert gift.recipient_email == "" and not Mail.objects.filter(address=FRIEND).exists() and gift.is_redeemable()


def test_whom_a_gift_was_for_is_forgotten_though_it_was_accepted_while_its_mail_was_being_sent(till, as_reader, reader, year, as_friend):
    gift = bought(till, as_reader, reader, year)
    Mail.objects.filter(name="gift").update(status=Mail.Status.SENDING)
    as_friend.post(path_of(gift))
    Mail.objects.filter(name="gift").update(status=Mail.Status.SENT, sent_at=timezone.now())
    clear_old()
    assert not Mail.objects.filter(address=FRIEND).exists()


def test_words_and_their_twins_agree(till, as_reader, reader, year, month):
    price = [year, month]
    rows = [bought(till, as_reader, reader, price[number % 2], message=f"{number}") for number in range(4)]
    wish(as_reader, year, message="unpaid")
    GiftSubscription.objects.filter(pk=rows[0].pk).update(withdrawn_at=timezone.now())
    GiftSubscription.objects.filter(pk=rows[1].pk).update(expires_at=timezone.now())
    Mail.objects.filter(gift=rows[2]).update(status=Mail.Status.UNSURE)
    everything = list(GiftSubscription.objects.select_related("mail"))
    for word, predicate in [
        (GiftSubscription.objects.paid(), lambda row: row.is_paid),
        (GiftSubscription.objects.redeemable(), lambda row: row.is_redeemable()),
        (GiftSubscription.objects.undelivered(), lambda row: row.is_undelivered),
    ]:
        kept = set(word.values_list("pk", flat=True))
        assert kept == {row.pk for row in everything if predicate(row)} and 0 < len(kept) < len(everything)


def test_both_sides_of_a_gift_are_exported_and_a_leaver_is_forgotten(till, as_reader, reader, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    assert privacy.parts["subscriptions"].export(reader)["gifts_bought"][0]["amount"] == 7000
    assert privacy.parts["subscriptions"].export(friend)["gifts_accepted"][0]["giver_name"] == "Rhea"
    privacy.parts["subscriptions"].erase(reader, True)
    gift.refresh_from_db()
    assert (gift.giver_name, gift.message) == ("", "") and entitlement_of(friend).opens_everything
    privacy.parts["subscriptions"].erase(friend, True)
    friend.delete()
    gift.refresh_from_db()
    assert gift.redeemed_by is None and gift.state == "redeemed"
