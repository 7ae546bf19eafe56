"""What people do with a gift subscription, for the tests of it."""

from billing.gifts import link_of
from billing.models import CheckoutAttempt, GiftSubscription
from tests.billing.conftest import Till

FRIEND = "friend@example.com"


def wish(client, price, months=12, **fields):
    """Fill in the form and go on to pay."""
    data = {
        "choice": f"{price.plan.slug}:{months}",
        "way": "mail",
        "recipient_email": FRIEND,
        "giver_name": "Rhea",
        "message": "Read this, all of it.",
        "currency": price.currency,
        **fields,
    }
    return client.post("/subscribe/gift/", data)


def buy(till: Till, client, user, price, months=12, outcome="paid", **fields) -> CheckoutAttempt:
    assert wish(client, price, months, **fields).status_code == 303
    attempt = CheckoutAttempt.objects.filter(user=user, kind="gift").latest("pk")
    till.stripe.complete_checkout(attempt.stripe_session_id, outcome)
    return attempt


def bought(till: Till, client, user, price, months=12, **fields) -> GiftSubscription:
    attempt = buy(till, client, user, price, months, **fields)
    till.come_back(client, attempt)
    return GiftSubscription.objects.get(pk=attempt.subject_id)


def path_of(gift) -> str:
    gift.refresh_from_db()
    return (
        link_of(gift).removeprefix("http://testserver")
        if link_of(gift).startswith("http://testserver")
        else "/" + link_of(gift).split("/", 3)[3]
    )


def charge_of(till, user):
    return till.stripe.objects("charge", customer=user.customer.stripe_id)[0]


def lasts(gift, days):
    return abs((gift.ends_at - gift.starts_at).days - days) <= 1
