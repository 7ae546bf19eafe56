"""A reader stops, is asked why, is offered to stay, and comes back."""

import pytest

from billing.models import Cancellation, SellingRules, Subscription
from tests.factories import make_subscription
from tests.sandbox.conftest import wire_problems  # noqa: F401 - holds every request against Stripe's types

URL = "/account/billing/cancel/"


def offer(percent=50, months=3):
    rules = SellingRules.load()
    rules.offer_percent, rules.offer_months = percent, months
    rules.save()


def page(client):
    return client.get("/account/billing/").content.decode()


def test_it_ends_with_the_period_and_the_newsroom_learns_why(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    assert as_reader.get(URL).status_code == 200
    as_reader.post(URL, {"reason": "too_expensive", "words": "Rent went up."})
    theirs = till.subscription_of(reader)
    assert theirs["cancel_at_period_end"] and theirs["cancellation_details"]["feedback"] == "too_expensive"
    assert "Rent" not in str(theirs), "their words are for the newsroom alone"
    row = Cancellation.objects.get()
    assert (row.user, row.reason, row.words, row.outcome) == (reader, "too_expensive", "Rent went up.", "left")
    assert "It is cancelled and stays open until" in page(as_reader)
    with till.later(days=32):
        as_reader.get("/account/billing/", {"from": "portal"})
        assert "It ended on" in page(as_reader)


def test_nobody_has_to_say_why_but_only_known_reasons_are_taken(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    assert as_reader.post(URL, {"reason": "because"}).status_code == 200
    assert not Subscription.objects.get().is_ending
    assert as_reader.post(URL).status_code == 302
    assert Subscription.objects.get().is_ending


def test_cancelling_twice_leaves_one_row(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    for _ in range(2):
        as_reader.post(URL, {"reason": "unused"})
    assert Cancellation.objects.count() == 1


def test_it_can_be_taken_back_and_done_again(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    as_reader.post(URL)
    assert "Don’t cancel" in page(as_reader)
    as_reader.post(URL + "undo/")
    assert not till.subscription_of(reader)["cancel_at_period_end"]
    assert "It renews on" in page(as_reader)
    assert Cancellation.objects.get().outcome == "undone"
    as_reader.post(URL)
    assert sorted(Cancellation.objects.values_list("outcome", flat=True)) == ["left", "undone"]


def test_an_end_that_was_set_to_a_date_at_stripe_can_be_taken_back_too(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    till.stripe.account.save(theirs | {"cancel_at": theirs["items"]["data"][0]["current_period_end"]})
    as_reader.post(URL + "undo/")
    assert till.subscription_of(reader)["cancel_at"] is None


def test_what_is_overdue_can_be_cancelled(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month, renewals="declines")
    with till.later(days=32):
        as_reader.get("/account/billing/", {"from": "portal"})
        assert Subscription.objects.get().status == "past_due"
        as_reader.post(URL)
        assert Subscription.objects.get().is_ending


def test_without_an_offer_none_is_made(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    assert "Stay" not in as_reader.get(URL).content.decode().split("<main")[1].split("</main")[0]


def test_who_takes_the_offer_pays_less_for_so_many_months(till, as_reader, reader, month):
    offer(50, 3)
    till.subscribe(as_reader, reader, month)
    assert "your next 3 months cost 50" in as_reader.get(URL).content.decode()
    as_reader.post(URL, {"reason": "too_expensive", "stay": "1"})
    assert Cancellation.objects.get().has_stayed
    assert not Subscription.objects.get().is_ending
    with till.later(days=160):
        paid = [invoice["amount_paid"] for invoice in reversed(till.stripe.objects("invoice"))]
    assert paid[:4] == [700, 350, 350, 350] or paid[:3] == [700, 350, 350]
    assert paid[4:] and set(paid[4:]) == {700}


def test_the_offer_is_taken_once_in_a_life(till, as_reader, reader, month):
    offer()
    till.subscribe(as_reader, reader, month)
    for _ in range(2):
        as_reader.post(URL, {"stay": "1"})
    assert Cancellation.objects.count() == len(till.subscription_of(reader)["discounts"]) == 1
    assert "Stay for less" not in as_reader.get(URL).content.decode()
    Subscription.objects.update(stripe_id="sub_other")
    as_reader.post(URL, {"stay": "1"})
    assert len(till.subscription_of(reader)["discounts"]) == 1


def test_an_offer_whose_answer_was_lost_is_not_given_twice(till, as_reader, reader, month, monkeypatch):
    from billing import stripe_client

    offer()
    give = stripe_client.add_discount

    def unanswered(*args, **kwargs):
        give(*args, **kwargs)
        raise stripe_client.StripeCallError("no answer")

    till.subscribe(as_reader, reader, month)
    monkeypatch.setattr(stripe_client, "add_discount", unanswered)
    assert as_reader.post(URL, {"stay": "1"}).status_code == 503
    assert Cancellation.objects.count() == 0
    monkeypatch.undo()
    as_reader.post(URL, {"stay": "1"})
    assert len(till.subscription_of(reader)["discounts"]) == Cancellation.objects.stayed().count() == 1


def test_the_offer_is_not_believed_from_the_browser(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    as_reader.post(URL, {"stay": "1", "percent": "90"})
    assert till.subscription_of(reader)["discounts"] == [] and Cancellation.objects.count() == 0


def test_a_year_is_no_month_and_has_no_offer(till, as_reader, reader, year):
    offer()
    till.subscribe(as_reader, reader, year)
    assert "Stay for less" not in as_reader.get(URL).content.decode()


def test_the_words_and_the_predicate_agree(reader):
    row = make_subscription(reader)
    for outcome in Cancellation.Outcome:
        Cancellation.objects.create(user=reader, subscription=row, outcome=outcome)
    assert {found.pk for found in Cancellation.objects.all() if found.has_stayed} == set(
        Cancellation.objects.stayed().values_list("pk", flat=True)
    )


@pytest.mark.parametrize("path", ["", "undo/"])
def test_who_has_no_subscription_finds_nothing_to_cancel(as_reader, client, path):
    make_subscription()
    assert as_reader.post(URL + path).status_code == 404


def test_when_stripe_fails_nothing_is_written_down(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    till.stripe.set_faults(api="error")
    assert as_reader.post(URL, {"reason": "unused"}).status_code == 503
    assert Cancellation.objects.count() == 0


def test_when_stripe_fails_after_it_the_reason_is_kept(till, as_reader, reader, month, monkeypatch):
    from billing import running, stripe_client

    till.subscribe(as_reader, reader, month)
    mirror = running.mirror_locked
    calls = []

    def failing(customer):
        calls.append(1)
        if len(calls) > 1:
            raise stripe_client.StripeCallError("no answer")
        return mirror(customer)

    monkeypatch.setattr(running, "mirror_locked", failing)
    assert as_reader.post(URL, {"reason": "unused"}).status_code == 302
    assert Cancellation.objects.get().reason == "unused"


def test_the_account_that_is_deleted_leaves_the_reason_without_name_and_words(reader):
    Cancellation.objects.create(user=reader, reason="unused", words="It is me, Rhea.")
    from billing.privacy import erase, export

    assert export(reader)["cancellations"][0]["words"] == "It is me, Rhea."
    erase(reader, False)
    row = Cancellation.objects.get()
    assert (row.user, row.words, row.reason) == (None, "", "unused")


def test_the_newsroom_reads_why_readers_leave(as_editor, reader, count_queries):
    Cancellation.objects.create(user=reader, subscription=make_subscription(reader), reason="unused", words="Too many lifts.")
    url = "/admin/billing/cancellation/"
    assert "Too many lifts." in as_editor.get(url).content.decode()
    with count_queries() as few:
        as_editor.get(url)
    for _ in range(4):
        row = make_subscription()
        Cancellation.objects.create(user=row.user, subscription=row, words="Another.")
    with count_queries() as many:
        as_editor.get(url)
    assert len(many) == len(few)
