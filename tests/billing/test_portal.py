"""The Customer Portal is configured by us."""

from billing import portal
from billing.models import SellingRules
from billing.portal import push_configuration
from tests.factories import make_user
from tests.sandbox.conftest import wire_problems  # noqa: F401 - holds every request against Stripe's types

URL = "/account/billing/"


def test_it_has_a_configuration_of_ours_made_once(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    for _ in range(2):
        assert as_reader.post(URL).status_code == 303
    (made,) = till.stripe.objects("billing_portal.configuration")
    sessions = till.stripe.objects("billing_portal.session")
    assert {session["configuration"] for session in sessions} == {made["id"]}
    features = made["features"]
    assert features["payment_method_update"]["enabled"] and features["invoice_history"]["enabled"]
    assert not features["subscription_update"]["enabled"], "prices are changed here, with a preview"
    assert "email" not in features["customer_update"]["allowed_updates"], "an address is proved here"
    assert features["subscription_cancel"]["mode"] == "at_period_end"


def test_what_it_may_do_is_brought_up_to_date(till, as_reader, reader, month, monkeypatch):
    first = push_configuration()
    monkeypatch.setitem(portal.FEATURES, "invoice_history", {"enabled": False})
    assert push_configuration() == first
    assert not till.stripe.object(first)["features"]["invoice_history"]["enabled"]


def test_a_configuration_that_is_gone_is_made_again(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    as_reader.post(URL)
    SellingRules.objects.update(portal_configuration="bpc_of_another_account")
    assert as_reader.post(URL).status_code == 303
    assert SellingRules.objects.get().portal_configuration != "bpc_of_another_account"


def test_it_speaks_the_readers_language(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    as_reader.post(URL, headers={"Accept-Language": "de"})
    assert till.stripe.objects("billing_portal.session")[0]["locale"] in ("de", "en")


def test_who_never_paid_has_none(client, till):
    client.force_login(make_user())
    assert client.post(URL).headers["Location"] == "/subscribe/"
