"""What one reader bought is nobody else's: every address of billing is sorted, so that a new one can't be forgotten."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.models import CheckoutAttempt, Contribution, Customer, GiftSubscription, Group, Invitation
from billing.urls import urlpatterns
from tests.factories import make_group, make_payment, make_subscription, make_user

# For everybody, or for whoever holds the link or studies.
OPEN = {
    *("plans", "checkout", "gift", "gift_claim", "support", "group_offer", "group_order_new", "group_door"),
    *("students", "student_checkout", "stripe_webhook"),
}
# Pages of one's own, which show another reader their own nothing.
OWN = {"account", "gifts_bought", "contributions", "groups"}
# What is somebody's, by the arguments that name it: none, where it is that of whoever asks.
OWNED = {
    "checkout_return": (),
    "gift_renew": ("gift",),
    "stop_contribution": ("contribution",),
    "change": (),
    "keep_price": (),
    "pay_change": (),
    "change_price": ("price",),
    "cancel": (),
    "undo_cancel": (),
    "pause": (),
    "resume": (),
    "group": ("group",),
    "group_join": ("group",),
    "group_leave": ("group",),
    "group_invite": ("group",),
    "group_invitation": ("group", "invitation"),
    "group_link": ("group",),
    "group_member": ("group", "member"),
    "group_settings": ("group",),
    "group_seats": ("group",),
    "group_renewal": ("group",),
    "group_order": ("group",),
    "group_heir": ("group",),
}
# What a form could send to do harm; what a page doesn't know, it ignores.
MEANT = {"do": "remove", "seats": "2", "name": "Taken", "addresses": "thief@example.com", "stay": "", "reason": "", "role": "manager"}
# By which somebody who sits in a group acts for themselves.
OF_A_MEMBER = {"group_leave", "group_join"}


@dataclass
class Owner:
    """A reader with one of everything, and what names each."""

    user: object
    ids: dict[str, int]
    query: dict[str, str]
    words: list[str] = field(default_factory=list)


@pytest.fixture
def owner(reader):
    row, now = make_subscription(reader), timezone.now()
    make_payment(reader, subscription=row, hosted_invoice_url="https://invoice.example/secret")
    gift = GiftSubscription.objects.create(
        buyer=reader, plan=row.price.plan, months=1, currency="EUR", amount=700, giver_name="Rhea Reader", recipient_email="f@example.com",
        paid_at=now, expires_at=now + timedelta(days=90), token_hash="0" * 64,
    )  # fmt: skip
    contribution = Contribution.objects.create(
        user=reader, interval="month", currency="EUR", amount=500, paid_at=now, stripe_subscription_id="sub_gives", message="For the press"
    )
    group = make_group(reader, members=(make_user(),), name="The Readers")
    invitation = Invitation.objects.create(group=group, email="guest@example.com")
    attempt = CheckoutAttempt.objects.create(user=reader, price=row.price, reference="r" * 32, stripe_session_id="cs_test_hers")
    ids = {
        "gift": gift.pk,
        "contribution": contribution.pk,
        "price": row.price_id,
        "group": group.pk,
        "invitation": invitation.pk,
        "member": group.memberships.exclude(user=reader).get().pk,
    }
    query = {"reference": attempt.reference, "session_id": attempt.stripe_session_id}
    return Owner(reader, ids, query, ["invoice.example/secret", "f@example.com", group.name])


def everything():
    """Return every row of billing but for those that are the locks of readers, and made on first use."""
    models = set(apps.get_app_config("billing").get_models()) - {Customer}
    return {model: sorted(map(str, model.objects.values())) for model in models}


def knock(client, owner, name, method):
    address = reverse(f"billing:{name}", args=[owner.ids[what] for what in OWNED[name]])
    if method == "get":
        return client.get(address, owner.query)
    return client.post(address, MEANT, query_params=owner.query)


def is_refused(client, owner, name):
    """Say that neither a look nor a form gets anybody in: where there is only one method, the other is refused before all."""
    statuses = {knock(client, owner, name, method).status_code for method in ("get", "post")}
    return 404 in statuses and statuses <= {404, 405}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_every_address_is_sorted():
    assert {pattern.name for pattern in urlpatterns} == OPEN | OWN | OWNED.keys()
    assert len(urlpatterns) == len(OPEN) + len(OWN) + len(OWNED)


def test_the_owner_gets_in(owner):
    # Otherwise the test below would prove nothing.
    client = signed_in(owner.user)
    for name in ("change", "cancel", "pause", "group"):
        assert knock(client, owner, name, "get").status_code == 200
    shown = "".join(signed_in(owner.user).get(reverse(f"billing:{name}")).content.decode() for name in sorted(OWN))
    assert all(word in shown for word in owner.words)


@pytest.mark.parametrize("name", sorted(OWNED))
def test_another_reader_finds_nothing_there_and_changes_nothing(owner, name):
    stranger = signed_in(make_user())
    before = everything()
    assert is_refused(stranger, owner, name)
    assert everything() == before


@pytest.mark.parametrize("name", sorted(name for name, named in OWNED.items() if named not in ((), ("price",))))
def test_who_has_the_same_of_their_own_still_finds_nothing_of_another(owner, name):
    other = make_user()
    make_subscription(other)
    make_group(other)
    before = everything()
    assert is_refused(signed_in(other), owner, name)
    assert everything() == before


@pytest.mark.parametrize("name", ["group_invitation", "group_member"])
def test_what_is_of_one_group_is_not_found_by_way_of_another(owner, name):
    other = make_user()
    owner.ids["group"] = make_group(other).pk
    before = everything()
    assert is_refused(signed_in(other), owner, name)
    assert everything() == before


@pytest.mark.parametrize("name", sorted(name for name in OWNED if "group" in OWNED[name] and name not in OF_A_MEMBER))
def test_who_only_sits_in_a_group_does_not_look_after_it(owner, name):
    member = Group.objects.get().memberships.get(pk=owner.ids["member"]).user
    before = everything()
    assert is_refused(signed_in(member), owner, name)
    assert everything() == before


@pytest.mark.parametrize("name", sorted(OWN))
def test_a_page_of_ones_own_shows_nothing_of_another(owner, name):
    text = signed_in(make_user()).get(reverse(f"billing:{name}")).content.decode()
    assert not [word for word in [*owner.words, owner.user.email, owner.user.name] if word in text]


@pytest.mark.parametrize("name", sorted(OWN | OWNED.keys()))
def test_who_is_not_signed_in_is_asked_to(owner, client, name):
    for method in ("get", "post"):
        own = getattr(client, method)
        response = own(reverse(f"billing:{name}")) if name in OWN else knock(client, owner, name, method)
        assert response.status_code in (302, 405)
        assert response.status_code == 405 or "/accounts/login/" in response.headers["Location"]
