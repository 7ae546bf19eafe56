"""The manners of the API: keys, errors, pages, expansion, idempotency."""

from typing import Any

import pytest
import stripe

from sandbox.testing import Sandbox


def test_a_foreign_key_is_refused(sandbox: Sandbox):
    client = stripe.StripeClient("sk_test_51abc", base_addresses={"api": sandbox.url}, max_network_retries=0).v1

    with pytest.raises(stripe.AuthenticationError):
        client.products.list()


def test_an_unknown_id_is_resource_missing(client: Any):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.subscriptions.retrieve("sub_nothing")

    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


def test_another_api_version_is_refused(sandbox: Sandbox):
    client = stripe.StripeClient("sk_test_local_x", base_addresses={"api": sandbox.url}, stripe_version="2024-06-20").v1

    with pytest.raises(stripe.InvalidRequestError, match="speaks"):
        client.products.list()


def test_a_parameter_nobody_reads_is_refused_and_nothing_is_done(client: Any):
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter: colour") as caught:
        client.products.create({"name": "Reader", "colour": "red"})

    assert caught.value.code == "parameter_unknown"
    assert client.products.list().data == []


def test_the_same_idempotency_key_gives_the_same_answer(client: Any):
    first = client.customers.create({"email": "a@example.com"}, {"idempotency_key": "k1"})
    second = client.customers.create({"email": "a@example.com"}, {"idempotency_key": "k1"})

    assert first.id == second.id
    assert len(client.customers.list().data) == 1


def test_an_idempotency_key_with_other_parameters_is_refused(client: Any):
    client.customers.create({"email": "a@example.com"}, {"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError):
        client.customers.create({"email": "b@example.com"}, {"idempotency_key": "k1"})


def test_lists_come_newest_first_in_pages(client: Any):
    made = [client.customers.create({"email": f"{n}@example.com"}).id for n in range(5)]

    first = client.customers.list({"limit": 2})
    assert [c.id for c in first.data] == made[:2:-1]
    assert first.has_more
    assert [c.id for c in first.auto_paging_iter()] == made[::-1]


def test_metadata_merges_and_an_empty_value_removes(client: Any):
    customer = client.customers.create({"metadata": {"reader": "7", "site": "x"}})

    changed = client.customers.update(customer.id, {"metadata": {"site": "", "kind": "y"}})

    assert changed.metadata.to_dict() == {"reader": "7", "kind": "y"}


def test_expansion_reaches_through_objects_and_lists(client: Any, monthly: Any):
    [price] = client.prices.list({"expand": ["data.product", "data.currency_options"]}).data

    assert price.product.name == "Reader"
    assert price.currency_options["eur"].unit_amount == 500


def test_what_is_no_reference_cannot_be_expanded(client: Any, monthly: Any):
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.prices.retrieve(monthly.id, {"expand": ["colour"]})


def test_an_error_fault_is_a_500_for_so_many_requests(client: Any, sandbox: Sandbox):
    sandbox.set_faults(api="error", api_count=1)

    with pytest.raises(stripe.APIError):
        client.customers.create({"email": "a@example.com"})
    assert client.customers.list().data == []


def test_a_lost_answer_is_made_good_by_the_sdk_with_its_idempotency_key(sandbox: Sandbox):
    client = stripe.StripeClient("sk_test_local_x", base_addresses={"api": sandbox.url}, max_network_retries=2).v1
    sandbox.set_faults(api="error_after", api_count=1)

    customer = client.customers.create({"email": "a@example.com"})

    assert [c["id"] for c in sandbox.objects("customer")] == [customer.id]


def test_prices_archive_and_hand_over_their_lookup_key(client: Any, monthly: Any):
    client.prices.update(monthly.id, {"lookup_key": "reader"})
    fields = {"product": monthly.product, "currency": "eur", "unit_amount": 600, "recurring": {"interval": "month"}}

    with pytest.raises(stripe.InvalidRequestError, match="already uses"):
        client.prices.create(fields | {"lookup_key": "reader"})
    dearer = client.prices.create(fields | {"lookup_key": "reader", "transfer_lookup_key": True})
    client.prices.update(monthly.id, {"active": False})

    assert [p.id for p in client.prices.list({"lookup_keys": ["reader"]}).data] == [dearer.id]
    assert [p.id for p in client.prices.list({"active": True}).data] == [dearer.id]
