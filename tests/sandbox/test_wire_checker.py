"""The checker itself: what it must not let pass."""

from typing import Any

from tests.sandbox.wire import object_problems, request_problems


def test_a_field_of_an_older_api_version_is_a_problem(client: Any, buy: Any, sandbox: Any):
    subscription = sandbox.object(buy().id)

    assert object_problems(subscription | {"current_period_end": 1}) == ["subscription.current_period_end: is not known"]


def test_a_missing_field_is_a_problem(sandbox: Any, buy: Any):
    subscription = sandbox.object(buy().id)
    del subscription["items"]["data"][0]["current_period_end"]

    assert object_problems(subscription) == ["subscription.items.data[0].current_period_end: is missing"]


def test_a_value_outside_its_enumeration_is_a_problem(sandbox: Any, buy: Any):
    [problem] = object_problems(sandbox.object(buy().id) | {"status": "cancelled"})

    assert "'cancelled' is not one of" in problem


def test_an_unknown_request_parameter_is_a_problem():
    assert request_problems("POST", "/v1/refunds", {"charge": "ch_1", "sum": "3"}) == ["POST /v1/refunds.sum: is not known"]


def test_a_word_for_a_number_is_a_problem():
    assert request_problems("POST", "/v1/refunds", {"amount": "all"}) == ["POST /v1/refunds.amount: 'all' is no int"]
