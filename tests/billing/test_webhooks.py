"""What Stripe tells us: verified, kept once, acted on in any order."""

import itertools
import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from billing.entitlements import entitlement_of
from billing.models import Subscription, WebhookEvent
from billing.models.events import MAX_ATTEMPTS
from billing.tasks import process_event, process_waiting_events
from sandbox.stripe.webhooks import sign
from tests.factories import make_user

SECRET = "whsec_local_masthead"


def an_event(**fields):
    found = {"id": "sub_1", "object": "subscription", "customer": "cus_1"}
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "customer.subscription.updated",
        "livemode": False,
        "created": 1,
        "data": {"object": found},
    }
    return event | fields


def body_of(event):
    return json.dumps(event).encode()


@pytest.fixture
def kept(db):
    return WebhookEvent.objects


def now():
    return int(time.time())


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "garbage",
        "t=,v1=",
        "t=12",
        "v1=abc",
        "t=NOW,v1=",
        "t=NOW,v1=é",
        "t=NOW,v0=" + "0" * 64,
        "t=NOW,v1=" + "0" * 64,
    ],
)
def test_a_forged_or_missing_signature_is_refused_and_nothing_kept(till, kept, signature):
    timely = signature and signature.replace("NOW", str(now()))
    assert till.post(body_of(an_event()), timely).status_code == 400
    assert kept.count() == 0


def test_a_signature_by_another_secret_is_refused(till, kept):
    body = json.dumps(an_event())
    assert till.post(body.encode(), sign(body, "whsec_other")).status_code == 400
    assert till.post(body.encode(), sign(body, SECRET)).status_code == 200
    assert kept.count() == 1


@pytest.mark.parametrize("secrets", [[], [""], ["  "]])
def test_without_a_secret_everything_is_refused(till, kept, settings, secrets):
    settings.STRIPE_WEBHOOK_SECRETS = secrets
    body = json.dumps(an_event())
    assert till.post(body.encode(), sign(body, "".join(secrets))).status_code == 400
    assert kept.count() == 0


def test_while_a_secret_is_rolled_both_are_good(till, kept, settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    for number, secret in enumerate(settings.STRIPE_WEBHOOK_SECRETS):
        body = json.dumps(an_event(id=f"evt_{number}"))
        assert till.post(body.encode(), sign(body, secret)).status_code == 200
    assert kept.count() == 2


def test_one_byte_changed_is_refused(till, kept):
    body = json.dumps(an_event())
    signature = sign(body, SECRET)
    assert till.post(body.encode().replace(b"sub_1", b"sub_2"), signature).status_code == 400
    assert till.post(body.encode() + b" ", signature).status_code == 400
    assert till.post(b"\xff" + body.encode(), signature).status_code == 400
    assert kept.count() == 0


@pytest.mark.parametrize(("seconds", "status"), [(-301, 400), (-290, 200), (290, 200), (301, 400)])
def test_a_signature_holds_five_minutes_both_ways(till, kept, seconds, status):
    body = json.dumps(an_event())
    moment = now() + seconds
    # 301 s ahead would be 300 s ahead a second later.
    moment += 1 if seconds > 300 else 0
    assert till.post(body.encode(), sign(body, SECRET, moment)).status_code == status
    assert kept.count() == (1 if status == 200 else 0)


@pytest.mark.parametrize("body", ["no json", "[]", '{"object": "charge"}'])
def test_what_is_signed_but_no_event_is_refused(till, kept, body):
    assert till.post(body.encode(), sign(body, SECRET)).status_code == 400


def test_a_live_event_is_refused_on_a_test_site(till, kept, caplog):
    assert till.deliver(an_event(livemode=True)).status_code == 400
    assert kept.count() == 0
    assert "livemode" in caplog.text


def test_only_a_post_is_taken(client, db):
    assert client.get("/webhooks/stripe/").status_code == 405


def test_an_unknown_type_is_taken_and_ignored(till, kept):
    assert till.deliver(an_event(type="issuing_card.created")).status_code == 200
    assert kept.get().status == "ignored"


def test_an_event_of_a_customer_that_is_not_ours_is_ignored(till, kept):
    assert till.deliver(an_event()).status_code == 200
    assert kept.get().status == "ignored"


def test_an_event_that_names_another_site_is_ignored(till, as_reader, reader, month):
    till.pay(as_reader, reader, month)
    event = till.stripe.events("customer.subscription.created")[0]
    event["data"]["object"]["metadata"]["site"] = "another"
    till.deliver(event)
    assert WebhookEvent.objects.get().status == "ignored"
    assert Subscription.objects.count() == 0


def test_no_address_name_or_card_is_kept_of_an_event(till, as_reader, reader, month):
    till.pay(as_reader, reader, month)
    for event in till.stripe.events():
        till.deliver(event)
    kept = json.dumps(list(WebhookEvent.objects.values_list("payload", flat=True)))
    assert reader.customer.stripe_id in kept
    assert reader.email not in kept and "last4" not in kept and "4242" not in kept and "card" not in kept


def test_the_same_event_twenty_times_has_one_effect(till, as_reader, reader, month):
    till.pay(as_reader, reader, month)
    event = till.stripe.events("checkout.session.completed")[0]
    assert [till.deliver(event).status_code for _ in range(20)] == [200] * 20
    row = WebhookEvent.objects.get()
    assert (row.status, row.attempts) == ("done", 1)
    assert Subscription.objects.count() == 1
    assert entitlement_of(reader).opens_everything


def test_a_payload_is_never_believed(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    lie = till.stripe.events("customer.subscription.created")[0]
    lie["id"] = "evt_lie"
    lie["data"]["object"] |= {"status": "canceled", "ended_at": now()}
    till.deliver(lie)
    assert Subscription.objects.get(stripe_id=theirs["id"]).status == "active"


def test_every_order_of_a_life_each_event_doubled_ends_the_same(till, client, month):
    for order in itertools.permutations(["created", "updated", "deleted"]):
        user = make_user()
        client.force_login(user)
        till.pay(client, user, month)
        theirs = till.subscription_of(user)
        cancel = {"id": theirs["id"]}
        till.stripe.account.change(theirs, "customer.subscription.updated", metadata=theirs["metadata"] | {"touched": "yes"})
        from sandbox.stripe.subscribing import end_subscription

        end_subscription(till.stripe.account, till.stripe.object(cancel["id"]))
        events = {event["type"].rsplit(".", 1)[1]: event for event in till.stripe.events() if event["data"]["object"]["id"] == theirs["id"]}
        for kind in order:
            for _ in range(2):
                assert till.deliver(events[kind]).status_code == 200
        row = Subscription.objects.get(user=user)
        assert row.status == "canceled" and row.ended_at, order
        assert not entitlement_of(user).opens_everything


def test_an_event_that_stripe_fails_us_on_waits_longer_each_time_and_nothing_is_lost(till, as_reader, reader, month):
    till.pay(as_reader, reader, month)
    till.stripe.set_faults(api="error")
    assert till.deliver(till.stripe.events("checkout.session.completed")[0]).status_code == 200
    row = WebhookEvent.objects.get()
    assert (row.status, row.attempts) == ("waiting", 1)
    assert "500" in row.last_error
    assert timedelta(seconds=50) < row.next_attempt_at - timezone.now() <= timedelta(seconds=60)
    till.stripe.set_faults()
    process_waiting_events()
    row.refresh_from_db()
    assert row.status == "waiting", "its turn has not come"
    WebhookEvent.objects.update(next_attempt_at=timezone.now())
    process_waiting_events()
    row.refresh_from_db()
    assert (row.status, row.attempts, row.last_error) == ("done", 2, "")
    assert entitlement_of(reader).opens_everything


def test_an_event_that_fails_for_good_is_given_up_and_can_be_replayed(till, as_reader, reader, month):
    till.pay(as_reader, reader, month)
    till.stripe.set_faults(api="error")
    till.deliver(till.stripe.events("checkout.session.completed")[0])
    WebhookEvent.objects.update(attempts=MAX_ATTEMPTS - 1, next_attempt_at=timezone.now())
    process_waiting_events()
    assert WebhookEvent.objects.dead().count() == 1
    till.stripe.set_faults()
    process_event(WebhookEvent.objects.get().pk)
    assert WebhookEvent.objects.dead().count() == 1, "the dead stay dead until somebody replays them"
    assert WebhookEvent.objects.dead().replay() == 1
    process_waiting_events()
    assert WebhookEvent.objects.get().status == "done"


def test_a_worker_that_dies_half_way_leaves_the_event_to_the_sweep(till, as_reader, reader, month, monkeypatch):
    till.pay(as_reader, reader, month)
    monkeypatch.setattr("billing.events.finish_checkout", lambda attempt: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        till.deliver(till.stripe.events("checkout.session.completed")[0])
    monkeypatch.undo()
    row = WebhookEvent.objects.get()
    assert (row.status, row.attempts) == ("waiting", 1)
    WebhookEvent.objects.update(next_attempt_at=timezone.now())
    process_waiting_events()
    assert entitlement_of(reader).opens_everything


def test_a_fault_of_ours_is_kept_with_the_event(till, as_reader, reader, month, monkeypatch):
    till.pay(as_reader, reader, month)
    monkeypatch.setattr("billing.events.finish_checkout", lambda attempt: 1 / 0)
    assert till.deliver(till.stripe.events("checkout.session.completed")[0]).status_code == 200
    row = WebhookEvent.objects.get()
    assert row.status == "waiting" and "ZeroDivisionError" in row.last_error


def test_a_broker_that_is_down_loses_nothing(till, as_reader, reader, month, monkeypatch):
    till.pay(as_reader, reader, month)
    from kombu.exceptions import OperationalError

    def down(*args):
        raise OperationalError

    monkeypatch.setattr(process_event, "delay", down)
    assert till.deliver(till.stripe.events("checkout.session.completed")[0]).status_code == 200
    monkeypatch.undo()
    process_waiting_events()
    assert WebhookEvent.objects.get().status == "done"
