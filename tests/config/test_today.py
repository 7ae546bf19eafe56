"""What waits about money stands on the newsroom's first page, and each number leads to its list."""

import re

import pytest
from django.test import Client

from billing.models import Mail, Plan, StudentProof, WebhookEvent
from tests.factories import make_price

pytestmark = pytest.mark.django_db


def task(client: Client, words: str) -> tuple[str, str] | None:
    """Return how much of something waits, and where the number leads."""
    page = client.get("/admin/").content.decode()
    found = re.search(rf'<a href="([^"]+)"><b>(\d+)</b> {words}</a>', page)
    return (found[2], found[1].replace("&amp;", "&")) if found else None


def test_nothing_is_there_when_nothing_waits(as_editor: Client):
    for words in ("mails that did not go out", "students to decide on", "events given up", "plans to push to Stripe"):
        assert task(as_editor, words) is None


@pytest.mark.parametrize("status", ["failed", "unsure"])
def test_a_mail_that_did_not_go_out_waits_for_somebody(as_editor: Client, reader, status: str):
    Mail.objects.create(key="a", name="receipt", user=reader, status=status)
    Mail.objects.create(key="b", name="receipt", user=reader, status="sent")
    count, url = task(as_editor, "mails that did not go out") or ("", "")
    assert count == "1"
    assert [mail.key for mail in as_editor.get(url).context["cl"].result_list] == ["a"]


def test_an_event_that_was_given_up_waits_for_somebody(as_editor: Client):
    WebhookEvent.objects.create(stripe_id="evt_1", kind="invoice.paid", payload={}, status=WebhookEvent.Status.DEAD)
    count, url = task(as_editor, "events given up") or ("", "")
    assert count == "1"
    assert as_editor.get(url).status_code == 200


def test_a_plan_that_stripe_does_not_sell_as_it_stands_waits_for_somebody(as_editor: Client):
    price = make_price()
    Plan.objects.filter(pk=price.plan_id).update(stripe_product_id="prod_1", pushed_name="As it was once")
    count, url = task(as_editor, "plans to push to Stripe") or ("", "")
    assert (count, url) == ("1", "/admin/billing/plan/")


def test_a_plan_that_nobody_bought_yet_waits_for_nobody(as_editor: Client):
    make_price()
    assert task(as_editor, "plans to push to Stripe") is None


def test_a_student_who_handed_something_in_waits_for_somebody(as_editor: Client, reader):
    StudentProof.objects.create(user=reader, kind=StudentProof.Kind.EVIDENCE, evidence="card.pdf")
    count, url = task(as_editor, "students to decide on") or ("", "")
    assert count == "1"
    assert [proof.user for proof in as_editor.get(url).context["cl"].result_list] == [reader]
