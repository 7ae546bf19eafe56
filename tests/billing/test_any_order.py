"""Whatever order Stripe's messages come in, doubled, late or lost: the rows end the same, and access is what is owed."""

import random
from contextlib import contextmanager
from copy import deepcopy

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from billing import stripe_client
from billing.catalogue import price_at_stripe
from billing.entitlements import entitlement_of
from billing.models import DoubleSubscription, Mail, Payment, Subscription, Term, WebhookEvent
from billing.reconciling import reconcile_all
from billing.synchronising import synchronise_customer
from billing.tasks import process_event
from billing.webhooks import keep_event
from sandbox.stripe.subscribing import end_subscription
from tests.factories import make_user

LIFE = (
    "customer.subscription.created",
    "customer.subscription.updated",
    "invoice.paid",
    "invoice.payment_failed",
    "customer.subscription.deleted",
)


def take(event):
    """Keep an event as the webhook does, and let the worker act on it."""
    row = keep_event(event)
    if row is not None:
        process_event(row.pk)


def rows_of(user):
    """Return everything we hold of a reader at Stripe and what they were written, but for when we asked."""
    varying = ("id", "synchronised_at", "subscription_id")
    return [
        sorted(str({name: value for name, value in row.items() if name not in varying}) for row in model.objects.filter(user=user).values())
        for model in (Subscription, Payment, DoubleSubscription, Term)
    ] + [sorted(Mail.objects.filter(user=user).values_list("key", flat=True))]


@pytest.fixture
def remembered(monkeypatch):
    """Have Stripe answer each question once and then from memory: its state no longer changes."""
    answers = {}

    def remember(name):
        ask = getattr(stripe_client, name)

        def answer(*args):
            if (name, args) not in answers:
                answers[name, args] = ask(*args)
            return deepcopy(answers[name, args])

        return answer

    for name in ("list_subscriptions", "list_invoices", "list_charges", "list_disputes", "get_payment_intent"):
        monkeypatch.setattr(stripe_client, name, remember(name))
    return answers


@contextmanager
def rewound():
    """Undo what was written in the block."""
    block = transaction.atomic()
    # One of the tests', in which Stripe may be asked.
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


def test_all_permutations_of_a_life_each_event_doubled_end_in_one_state(till, as_reader, reader, month, remembered):
    """What a set of events leaves must not depend on which came last; then by induction no order matters, all 720 of them."""
    till.pay(as_reader, reader, month, renewals="declines")
    till.stripe.advance(days=33)
    theirs = till.subscription_of(reader)
    till.stripe.account.change(theirs, "customer.subscription.updated", metadata=theirs["metadata"] | {"touched": "yes"})
    end_subscription(till.stripe.account, till.subscription_of(reader))
    remembered.clear()
    of_kind = {kind: till.stripe.events(kind) for kind in LIFE}
    life = [of_kind[LIFE[0]][0], of_kind[LIFE[1]][0], of_kind[LIFE[1]][-1], *(of_kind[kind][0] for kind in LIFE[2:])]
    by_id = {event["id"]: event for event in life}
    ends = {}

    def go_on(taken):
        for event_id in by_id.keys() - taken:
            with rewound():
                for _ in range(2):
                    take(by_id[event_id])
                so_far = taken | {event_id}
                found = rows_of(reader)
                assert ends.setdefault(so_far, found) == found
                if so_far not in visited:
                    visited.add(so_far)
                    go_on(so_far)

    visited = set()
    go_on(frozenset())
    assert len(ends) == 2**6 - 1
    assert set(map(str, ends.values())) == {str(ends[frozenset(by_id)])}, "any one of them already tells all that Stripe has"
    assert "'canceled'" in ends[frozenset(by_id)][0][0]


def test_random_orders_of_a_life_each_event_doubled_somewhere_end_in_one_state(till, as_reader, reader, month, remembered):
    till.pay(as_reader, reader, month, renewals="declines")
    till.stripe.advance(days=33)
    end_subscription(till.stripe.account, till.subscription_of(reader))
    remembered.clear()
    life = till.stripe.events(*LIFE)
    ends = set()
    for number in range(10):
        doubled = [*life, *life]
        random.Random(number).shuffle(doubled)
        with rewound():
            for event in doubled:
                take(event)
            assert WebhookEvent.objects.filter(status="done", attempts=1).count() == len(life)
            ends.add(str(rows_of(reader)))
    assert len(ends) == 1


class Reader:
    """One reader and what may happen to their money, each as far as it can happen now."""

    def __init__(self, till, month):
        self.till, self.stripe = till, till.stripe
        self.user, client = make_user(), Client()
        client.force_login(self.user)
        till.pay(client, self.user, month)
        self.customer = self.user.customer.stripe_id

    def _any(self, kind, *, having=lambda found: True, **equal):
        return next((found for found in self.stripe.objects(kind, **equal) if having(found)), None)

    def charge(self, having):
        return self._any("charge", customer=self.customer, having=having)

    def refund(self, amount=None):
        charge = self.charge(lambda found: not found["refunded"] and not found["disputed"])
        if charge:
            self.stripe.refund(charge["id"], min(amount, charge["amount"] - charge["amount_refunded"]) if amount else None)

    def refund_part(self):
        self.refund(300)

    def fail_refund(self):
        charges = {found["id"] for found in self.stripe.objects("charge", customer=self.customer)}
        refund = self._any("refund", having=lambda found: found["status"] == "succeeded" and found["charge"] in charges)
        if refund:
            self.stripe.fail_refund(refund["id"])

    def dispute(self):
        charge = self.charge(lambda found: not found["disputed"] and not found["refunded"])
        if charge:
            self.stripe.dispute(charge["id"])

    def _close(self, *, won):
        charges = {found["id"] for found in self.stripe.objects("charge", customer=self.customer)}
        dispute = self._any("dispute", having=lambda found: found["status"] == "needs_response" and found["charge"] in charges)
        if dispute:
            self.stripe.close_dispute(dispute["id"], won=won)

    def win(self):
        self._close(won=True)

    def lose(self):
        self._close(won=False)

    def end(self):
        theirs = self.stripe.objects("subscription", customer=self.customer)[0]
        if theirs["status"] == "active":
            end_subscription(self.stripe.account, theirs)

    def is_owed(self):
        """Work out from Stripe's own objects whether this reader may read: they pay, and nothing of it was taken back."""
        (theirs,) = self.stripe.objects("subscription", customer=self.customer)
        (charge,) = self.stripe.objects("charge", customer=self.customer)
        lost = [d for d in self.stripe.objects("dispute", charge=charge["id"]) if d["status"] in ("needs_response", "lost")]
        good = sum(r["amount"] for r in self.stripe.objects("refund", charge=charge["id"]) if r["status"] != "failed")
        return theirs["status"] == "active" and not lost and good < charge["amount"]


ACTS = ("refund", "refund_part", "fail_refund", "dispute", "win", "lose", "end")


# Every example has readers of its own. A failing one is short already, and each takes seconds.
@settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1)), max_size=7),
    chance=st.randoms(use_true_random=False),
    is_lost=st.booleans(),
)
def test_any_interleaving_of_several_lives_ends_as_stripe_has_it(till, month, acts, chance, is_lost):
    # The first example would else have more events than the same one repeated.
    price_at_stripe(month)
    seen = {event["id"] for event in till.stripe.events()}
    readers = [Reader(till, month) for _ in range(2)]
    for act, number in acts:
        getattr(readers[number], act)()
        if chance.random() < 0.4:
            news = [event for event in till.stripe.events() if event["id"] not in seen]
            for event in chance.sample(news, min(2, len(news))):
                take(event)
    if is_lost:
        # None of the rest ever arrives.
        reconcile_all()
    else:
        news = [event for event in till.stripe.events() if event["id"] not in seen]
        news += chance.sample(news, len(news) // 2)
        chance.shuffle(news)
        for event in news:
            take(event)
    for reader in readers:
        assert synchronise_customer(reader.user.customer) == [], "the mirror was not what Stripe has"
        assert entitlement_of(reader.user).opens_everything is reader.is_owed()
    assert is_lost or not WebhookEvent.objects.exclude(status__in=["done", "ignored"]).exists()
    WebhookEvent.objects.filter(status="waiting").update(status="ignored")
