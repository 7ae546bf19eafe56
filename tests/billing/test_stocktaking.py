"""What Stripe sells otherwise than we do is seen, by an event or without one, and breaks no sale."""

import pytest

from billing import stripe_client
from billing.catalogue import is_at_stripe, push_plan
from billing.models import Cancellation, Plan, Price, Reconciliation, SellingRules, WebhookEvent
from billing.reconciling import reconcile_all
from billing.stripe_client.calling import client as stripe_client_of
from tests.factories import make_price

CANCEL = "/account/billing/cancel/"
LATEST = -1


@pytest.fixture
def pushed(till, plan, month):
    push_plan(plan)
    plan.refresh_from_db()
    month.refresh_from_db()
    return plan


@pytest.fixture(params=["by an event", "by the comparison"])
def hear(till, request):
    """Learn of what was done at Stripe, in one way or the other."""

    def listen(kind):
        if request.param == "by the comparison":
            return reconcile_all()
        return till.deliver(till.stripe.events(kind)[LATEST])

    return listen


def drifts():
    """Return what the newsroom is shown and nobody has seen to."""
    return [
        (drift["field"], drift["ours"], drift["theirs"]) for row in Reconciliation.objects.unseen().order_by("pk") for drift in row.drifts
    ]


def at_stripe(till, plan, **fields):
    till.stripe.account.change(till.stripe.object(plan.stripe_product_id), "product.updated", **fields)


def offer(percent=50, months=3):
    rules = SellingRules.load()
    rules.offer_percent, rules.offer_months = percent, months
    rules.save()


# Products --------------------------------------------------------------------------------------------------------


def test_an_archived_product_takes_the_plan_off_sale_and_the_newsroom_sees_it(till, pushed, hear, as_reader, as_editor, month):
    at_stripe(till, pushed, active=False)
    assert till.choose(as_reader, month).status_code == 503, "before we heard of it"
    hear("product.updated")
    pushed.refresh_from_db()
    assert pushed.is_archived and not pushed.is_on_sale
    assert till.choose(as_reader, month).status_code == 404 and as_reader.get("/subscribe/").status_code == 200
    assert drifts() == [("active", "True", "False")]
    assert "Archived at Stripe" in as_editor.get(f"/admin/billing/plan/{pushed.pk}/change/").content.decode()
    hear("product.updated")
    assert len(drifts()) == 1, "what was told once is news no more"


def test_put_on_sale_again_here_it_is_taken_up_there(till, pushed, hear, as_reader, month):
    at_stripe(till, pushed, active=False)
    hear("product.updated")
    Plan.objects.update(is_on_sale=True)
    assert not is_at_stripe(Plan.objects.get())
    push_plan(Plan.objects.get())
    assert till.stripe.object(pushed.stripe_product_id)["active"] and is_at_stripe(Plan.objects.get())
    hear("product.updated")
    assert till.choose(as_reader, Price.objects.get()).status_code == 303 and len(drifts()) == 1


def test_put_back_there_it_waits_for_an_editor_here(till, pushed, hear):
    at_stripe(till, pushed, active=False)
    hear("product.updated")
    at_stripe(till, pushed, active=True)
    hear("product.updated")
    pushed.refresh_from_db()
    assert not pushed.is_archived and not pushed.is_on_sale


def test_readers_of_an_archived_product_keep_what_they_have(till, pushed, hear, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    at_stripe(till, pushed, active=False)
    hear("product.updated")
    with till.later(days=33):
        assert reconcile_all().faults == []
        as_reader.force_login(reader)
        assert "It renews on" in as_reader.get("/account/billing/").content.decode()


def test_a_new_name_at_stripe_is_shown_to_the_newsroom_until_it_is_pushed(till, pushed, hear, as_editor):
    at_stripe(till, pushed, name="Friend")
    hear("product.updated")
    plan = Plan.objects.get()
    assert plan.name == "Reader" and drifts() == [("name", "Reader", "Friend")] and not is_at_stripe(plan)
    assert "“Friend”" in as_editor.get(f"/admin/billing/plan/{pushed.pk}/change/").content.decode()
    push_plan(plan)
    assert till.stripe.object(pushed.stripe_product_id)["name"] == "Reader"


def test_a_name_longer_than_ours_may_be_is_kept_as_far_as_it_goes_and_told_once(till, pushed, hear):
    at_stripe(till, pushed, name="Friend " * 30)
    hear("product.updated")
    hear("product.updated")
    Plan.objects.get().full_clean()
    assert len(drifts()) == 1 and Plan.objects.get().pushed_name.startswith("Friend")


def test_a_deleted_product_goes_off_sale_and_leaves_the_others_alone(till, pushed, hear, as_reader, month):
    other = make_price(plan=Plan.objects.create(name="Friend", slug="friend"), amount=900)
    push_plan(other.plan)
    product = till.stripe.object(pushed.stripe_product_id)
    till.stripe.account.emit("product.deleted", product)
    till.stripe.account.store.rows("DELETE FROM objects WHERE id = ?", product["id"])
    hear("product.deleted")
    assert list(Plan.objects.on_sale()) == [other.plan] and ("active", "True", "None") in drifts()


def test_with_the_key_of_another_account_nothing_goes_off_sale(till, pushed):
    till.stripe.account.store.rows("DELETE FROM objects WHERE kind IN ('product', 'price')")
    report = reconcile_all()
    assert Plan.objects.get().is_on_sale and Price.objects.get().is_current
    assert any("none of our plans" in fault for fault in report.faults)


def test_a_product_of_somebody_else_is_ignored(till, pushed):
    stripe_client_of().v1.products.create({"name": "A mug"})
    till.stripe.account.change(till.stripe.objects("product")[0], "product.updated", name="A cup")
    till.deliver(till.stripe.events("product.updated")[LATEST])
    reconcile_all()
    assert WebhookEvent.objects.filter(status="ignored").exists() and drifts() == []


# Prices ----------------------------------------------------------------------------------------------------------


def test_a_price_archived_at_stripe_goes_off_sale_without_an_event_too(till, pushed, hear, as_reader, month):
    till.stripe.account.change(till.stripe.object(month.stripe_price_id), "price.updated", active=False)
    hear("price.updated")
    assert not Price.objects.get().is_current and drifts() == [("active", "True", "False")]
    assert till.choose(as_reader, month).status_code == 404
    hear("price.updated")
    assert len(drifts()) == 1


def test_an_amount_that_a_reader_chose_is_taken_up_again_where_stripe_sells_it_no_more(till, plan, hear, as_reader, year):
    Price.objects.filter(pk=year.pk).update(is_least=True)
    till.choose(as_reader, year, amount="90")
    chosen = Price.objects.get(is_chosen=True)
    till.stripe.account.change(till.stripe.object(chosen.stripe_price_id), "price.updated", active=False)
    hear("price.updated")
    assert till.choose(as_reader, year, amount="90").status_code == 303
    assert till.stripe.object(chosen.stripe_price_id)["active"]


def test_what_we_archived_ourselves_is_no_news(till, pushed, hear):
    Plan.objects.update(is_on_sale=False)
    push_plan(Plan.objects.get())
    hear("price.updated")
    assert drifts() == [] and Price.objects.get().is_current


def test_a_dry_run_only_looks(till, pushed):
    at_stripe(till, pushed, active=False)
    for _ in range(2):
        assert [drift.field for drift in reconcile_all(is_dry_run=True).drifts] == ["active"]
    assert Plan.objects.get().is_on_sale


# Coupons and codes -----------------------------------------------------------------------------------------------


@pytest.fixture
def offered(till, as_reader, reader, month, client):
    """The coupon of the offer, made for a reader who stayed."""
    offer()
    till.subscribe(as_reader, reader, month)
    as_reader.post(CANCEL, {"stay": "1"})
    return till.stripe.objects("coupon")[0]["id"]


@pytest.mark.parametrize("how", ["deleted", "exhausted"])
def test_a_coupon_that_is_gone_is_seen_and_the_next_reader_still_stays_for_less(till, offered, hear, as_friend, friend, month, how):
    if how == "deleted":
        stripe_client_of().v1.coupons.delete(offered)
    else:
        till.stripe.account.change(till.stripe.object(offered), "coupon.updated", valid=False)
    hear("coupon.deleted" if how == "deleted" else "coupon.updated")
    assert drifts() == [("valid", "True", "False")]
    hear("coupon.deleted" if how == "deleted" else "coupon.updated")
    assert len(drifts()) == 1
    till.subscribe(as_friend, friend, month)
    assert as_friend.post(CANCEL, {"stay": "1"}).status_code == 302
    assert Cancellation.objects.stayed().count() == 2
    assert till.stripe.object(offered)["valid"] and len(till.subscription_of(friend)["discounts"]) == 1


def test_who_holds_a_discount_of_a_deleted_coupon_keeps_it_and_every_page_works(till, offered, as_reader, reader):
    stripe_client_of().v1.coupons.delete(offered)
    Cancellation.objects.all().delete()
    assert as_reader.get(CANCEL).status_code == 200 and as_reader.get("/account/billing/change/").status_code == 200
    assert as_reader.post(CANCEL, {"stay": "1"}).status_code == 302
    with till.later(days=32):
        assert till.stripe.objects("invoice")[0]["amount_paid"] == 350


def test_a_discount_that_names_its_coupon_no_more_breaks_nothing(till, offered, as_reader, reader, monkeypatch):
    Cancellation.objects.all().delete()
    listed = stripe_client.list_subscriptions

    def without_coupons(customer_id):
        found = listed(customer_id)
        for subscription in found:
            for discount in subscription["discounts"]:
                discount["source"]["coupon"] = None
        return found

    monkeypatch.setattr(stripe_client, "list_subscriptions", without_coupons)
    assert as_reader.post(CANCEL, {"stay": "1"}).status_code == 302


def test_a_code_that_is_switched_off_is_looked_after_and_breaks_no_sale(till, offered, as_friend, month):
    rules = SellingRules.load()
    rules.takes_codes = True
    rules.save()
    stripe = stripe_client_of().v1
    code = stripe.promotion_codes.create({"promotion": {"type": "coupon", "coupon": offered}, "code": "SAVE"})
    stripe.promotion_codes.update(code.id, {"active": False})
    till.deliver(till.stripe.events("promotion_code.updated")[LATEST])
    assert WebhookEvent.objects.get(kind="promotion_code.updated").status == "done" and drifts() == []
    assert till.choose(as_friend, month).status_code == 303


def test_a_coupon_of_somebody_else_is_ignored(till, offered):
    stripe_client_of().v1.coupons.create({"id": "MUGS", "percent_off": 5, "duration": "once"})
    stripe_client_of().v1.coupons.delete("MUGS")
    till.deliver(till.stripe.events("coupon.deleted")[LATEST])
    reconcile_all()
    assert WebhookEvent.objects.filter(status="ignored").exists() and drifts() == []


# Cards -----------------------------------------------------------------------------------------------------------


def test_a_card_that_is_taken_off_has_its_reader_looked_after(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    method = till.stripe.objects("payment_method", customer=reader.customer.stripe_id)[0]
    stripe_client_of().v1.payment_methods.detach(method["id"])
    before = reader.customer.synchronised_at
    till.deliver(till.stripe.events("payment_method.detached")[LATEST])
    reader.customer.refresh_from_db()
    assert WebhookEvent.objects.get().status == "done" and reader.customer.synchronised_at != before
