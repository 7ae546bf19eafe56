"""What the newsroom sells is what Stripe sells."""

import pytest

from billing.catalogue import is_at_stripe, push_plan, push_plan_anew
from billing.models import Plan, Price
from tests.factories import make_price
from tests.sandbox.conftest import wire_problems  # noqa: F401 - holds every request against Stripe's types

URL = "/admin/billing/plan/"


@pytest.fixture
def push(till, as_editor, django_capture_on_commit_callbacks):
    def press(plan):
        with django_capture_on_commit_callbacks(execute=True):
            return as_editor.post(URL, {"action": "push", "_selected_action": [plan.pk]}, follow=True).content.decode()

    return press


def test_a_plan_is_pushed_with_all_its_prices_once(till, plan, month, year):
    make_price(plan=plan, amount=900, currency="USD")
    for _ in range(2):
        push_plan(plan)
    assert len(till.stripe.objects("product")) == 1
    assert sorted((price["unit_amount"], price["currency"]) for price in till.stripe.objects("price")) == [
        (700, "eur"),
        (900, "usd"),
        (7000, "eur"),
    ]


def test_a_new_name_is_the_products_too(till, plan, month):
    push_plan(plan)
    Plan.objects.update(name="Friend")
    push_plan(Plan.objects.get())
    assert till.stripe.objects("product")[0]["name"] == "Friend"


def test_what_is_no_longer_sold_is_archived_and_taken_up_again(till, as_reader, plan, month, year):
    push_plan(plan)
    Price.objects.filter(pk=month.pk).update(is_current=False)
    push_plan(plan)
    month.refresh_from_db()
    assert not till.stripe.object(month.stripe_price_id)["active"]
    Price.objects.filter(pk=month.pk).update(is_current=True)
    assert not is_at_stripe(Plan.objects.get())
    push_plan(plan)
    assert till.stripe.object(month.stripe_price_id)["active"] and is_at_stripe(Plan.objects.get())


def test_a_plan_off_sale_and_on_again_sells_the_prices_it_had(till, as_reader, plan, month):
    push_plan(plan)
    Plan.objects.update(is_on_sale=False)
    push_plan(Plan.objects.get())
    event = next(event for event in reversed(till.stripe.events("price.updated")))
    till.deliver(event)
    assert Price.objects.get().is_current, "we archived it ourselves"
    Plan.objects.update(is_on_sale=True)
    assert till.choose(as_reader, Price.objects.get()).status_code == 303


def test_who_pays_an_archived_price_goes_on_paying_it(till, as_reader, reader, plan, month):
    till.subscribe(as_reader, reader, month)
    Price.objects.update(is_current=False)
    push_plan(plan)
    with till.later(days=32):
        assert till.stripe.objects("invoice")[0]["amount_paid"] == 700


def test_the_button_says_how_it_went(till, push, plan, month):
    till.stripe.set_faults(api="error")
    assert "not yet at Stripe" in push(plan)
    assert not is_at_stripe(Plan.objects.get())
    till.stripe.set_faults()
    assert "Stripe sells what stands here" in push(plan)
    assert is_at_stripe(Plan.objects.get())


def test_the_set_and_the_predicate_agree_on_what_is_sellable(plan, month, year):
    make_price(plan=plan, amount=1, is_current=False)
    make_price(plan=plan, amount=2, is_current=False, is_chosen=True)
    make_price(plan=Plan.objects.create(name="Off", slug="off", is_on_sale=False), amount=3)
    assert {price.pk for price in Price.objects.select_related("plan") if price.is_sellable} == set(
        Price.objects.sellable().values_list("pk", flat=True)
    )


def test_the_number_of_queries_does_not_grow_with_the_plans(as_editor, plan, month, count_queries):
    as_editor.get(URL)
    with count_queries() as few:
        as_editor.get(URL)
    for _ in range(4):
        make_price()
    with count_queries() as many:
        as_editor.get(URL)
    assert len(many) == len(few)


def test_a_plan_of_another_account_is_made_anew_at_this_one(stripe, plan, month):
    push_plan(plan)
    month.refresh_from_db()
    plan.refresh_from_db()
    known = (plan.stripe_product_id, month.stripe_price_id)
    stripe.account.store.rows("DELETE FROM objects WHERE id IN (?, ?)", *known)
    push_plan(plan)
    month.refresh_from_db()
    assert (plan.stripe_product_id, month.stripe_price_id) == known, "never by itself: the key may be wrong by mistake"
    push_plan_anew(plan)
    month.refresh_from_db()
    plan.refresh_from_db()
    assert month.stripe_price_id not in (None, known[1])
    assert plan.stripe_product_id not in (None, known[0])
    assert stripe.object(month.stripe_price_id)["product"] == plan.stripe_product_id
