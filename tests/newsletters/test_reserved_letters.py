"""Letters that come with some plans only."""

import pytest
from django.test import Client

from billing.models import Plan
from newsletters import sending
from newsletters.models import Issue, Newsletter, NewsletterPlan, Signup
from tests.factories import make_price, make_subscription, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter() -> Newsletter:
    """A letter that only the greater plan comes with."""
    found = Newsletter.objects.create(name="Weekly", slug="weekly", audience="subscribers")
    NewsletterPlan.objects.create(newsletter=found, plan=Plan.objects.create(name="Greater", slug="greater"))
    return found


def holder(letter: Newsletter, plan: Plan | None):
    user = make_user()
    make_subscription(user, price=make_price(plan=plan) if plan else make_price())
    Signup.objects.create(newsletter=letter, user=user, status="confirmed")
    return user


def test_it_goes_to_its_plans_and_to_nobody_else(letter: Newsletter):
    greater = letter.reserved_for.get().plan
    lesser_reader, greater_reader = holder(letter, None), holder(letter, greater)
    issue = Issue.objects.create(newsletter=letter, subject="One", slug="one", body="<p>x</p>", status="preparing")
    sending.prepare(issue)
    assert set(issue.deliveries.values_list("user_id", flat=True)) == {greater_reader.pk}
    issue.refresh_from_db()
    assert issue.excluded_count == 1
    assert lesser_reader.pk != greater_reader.pk


def test_on_the_web_it_opens_to_its_plans(client: Client, letter: Newsletter):
    body = "<p>One.</p>" * 6 + "<p>SENTINEL</p>" * 6
    issue = Issue.objects.create(newsletter=letter, subject="One", slug="one", body=body, status="preparing")
    sending.prepare(issue)
    for plan, is_full in ((None, False), (letter.reserved_for.get().plan, True)):
        client.force_login(holder(letter, plan))
        assert ("SENTINEL" in client.get(issue.get_absolute_url()).content.decode()) is is_full
