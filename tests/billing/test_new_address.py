"""A reader's new address reaches Stripe once it is proved, whatever Stripe does meanwhile."""

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed

from accounts.models import User
from billing.entitlements import entitlement_of
from billing.models import Customer
from billing.reconciling import reconcile_recent
from tests.factories import make_subscription, make_user


@pytest.fixture
def change_address(django_capture_on_commit_callbacks):
    """What allauth does once a new address is proved."""

    def change(user, email):
        old, _ = EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True, "verified": True})
        with django_capture_on_commit_callbacks(execute=True):
            User.objects.filter(pk=user.pk).update(email=email)
            new = EmailAddress(user=user, email=email, verified=True)
            email_changed.send(sender=User, request=None, user=user, from_email_address=old, to_email_address=new)

    return change


def address_at_stripe(till, user):
    return till.stripe.object(user.customer.stripe_id)["email"]


def test_a_proved_address_is_told_at_once(till, as_reader, reader, month, change_address):
    till.subscribe(as_reader, reader, month)
    change_address(reader, "new@example.com")
    assert address_at_stripe(till, reader) == "new@example.com"
    assert not Customer.objects.readdressed().exists()


def test_with_stripe_down_the_reader_reads_on_and_it_is_told_within_the_hour(till, as_reader, reader, month, change_address):
    till.subscribe(as_reader, reader, month)
    till.stripe.set_faults(api="error")
    change_address(reader, "new@example.com")
    assert entitlement_of(reader).opens_everything
    assert address_at_stripe(till, reader) == "reader@example.com"
    reconcile_recent()
    till.stripe.set_faults()
    reconcile_recent()
    assert address_at_stripe(till, reader) == "new@example.com"


def test_an_address_changed_at_stripe_changes_nobody_here(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    till.stripe.account.save(till.stripe.object(reader.customer.stripe_id) | {"email": "somebody@example.com"})
    reconcile_recent()
    assert User.objects.get(pk=reader.pk).email == "reader@example.com"


def test_a_customer_that_stripe_forgot_is_no_fault(till, as_reader, reader, month, change_address):
    till.subscribe(as_reader, reader, month)
    till.stripe.account.store.rows("DELETE FROM objects WHERE id = ?", reader.customer.stripe_id)
    change_address(reader, "new@example.com")
    assert not Customer.objects.readdressed().exists()


@pytest.mark.parametrize(
    ("stripe_id", "known", "is_active"),
    [("cus_1", "a@example.com", True), ("cus_1", "b@example.com", True), (None, "", True), ("cus_1", "b@example.com", False)],
)
def test_the_word_and_its_twin_agree(db, stripe_id, known, is_active):
    user = make_user("a@example.com", is_active=is_active)
    make_subscription(user)
    Customer.objects.update(stripe_id=stripe_id, known_email=known)
    customer = Customer.objects.select_related("user").get()
    assert Customer.objects.readdressed().exists() == customer.is_readdressed
