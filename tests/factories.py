"""Plain functions that make rows, with defaults for whatever a test doesn't care about."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from articles.models import Article, Credit, Person, Section, Tag
from billing.models import Customer, Group, Kind, Membership, Payment, Plan, Price, Subscription

numbers = itertools.count(1)


def make_user(email: str | None = None, **fields: Any) -> User:
    return User.objects.create_user(email or f"reader{next(numbers)}@example.com", **fields)


def make_section(name: str | None = None, **fields: Any) -> Section:
    number = next(numbers)
    fields.setdefault("slug", f"section-{number}")
    return Section.objects.create(name=name or f"Section {number}", **fields)


def make_tag(name: str | None = None, **fields: Any) -> Tag:
    number = next(numbers)
    fields.setdefault("slug", f"tag-{number}")
    return Tag.objects.create(name=name or f"Tag {number}", **fields)


def make_person(name: str | None = None, **fields: Any) -> Person:
    number = next(numbers)
    fields.setdefault("slug", f"person-{number}")
    return Person.objects.create(name=name or f"Person {number}", **fields)


def make_article(
    title: str | None = None,
    *,
    tags: tuple[Tag, ...] = (),
    by: tuple[Person, ...] = (),
    published_at: datetime | None = None,
    **fields: Any,
) -> Article:
    """A published article of six paragraphs, free to read."""
    number = next(numbers)
    fields.setdefault("status", Article.Status.PUBLISHED)
    fields.setdefault("slug", f"article-{number}")
    fields.setdefault("standfirst", f"What article {number} is about.")
    fields.setdefault("body", "".join(f"<p>Paragraph {n} of article {number} says something of its own.</p>" for n in range(1, 7)))
    article = Article(title=title or f"Article {number}", published_at=published_at or timezone.now() - timedelta(minutes=number), **fields)
    article.save()
    for position, person in enumerate(by):
        Credit.objects.create(article=article, person=person, position=position)
    if tags:
        article.tags.set(tags)
    return article


def make_price(**fields: Any) -> Price:
    number = next(numbers)
    plan = fields.pop("plan", None) or Plan.objects.create(name=f"Plan {number}", slug=f"plan-{number}")
    return Price.objects.create(plan=plan, **{"amount": 700, "currency": "EUR", "interval": Price.Interval.MONTH, **fields})


def make_subscription(user: User | None = None, **fields: Any) -> Subscription:
    """An active monthly subscription with most of its month left."""
    number, now = next(numbers), timezone.now()
    user = user or make_user()
    customer, _ = Customer.objects.get_or_create(user=user, defaults={"stripe_id": f"cus_test_{number}"})
    fields.setdefault("status", Subscription.Status.ACTIVE)
    fields.setdefault("current_period_end", now + timedelta(days=25))
    fields.setdefault("entitled_until", fields["current_period_end"] + timedelta(days=1))
    if "price" not in fields:
        fields["price"] = make_price()
    return Subscription.objects.create(
        user=user, customer=customer, stripe_id=f"sub_test_{number}", started_at=now - timedelta(days=5), synchronised_at=now, **fields
    )


def make_payment(user: User | None = None, **fields: Any) -> Payment:
    """The invoice of a month, paid five days ago."""
    number, now = next(numbers), timezone.now()
    user = user or make_user()
    customer, _ = Customer.objects.get_or_create(user=user, defaults={"stripe_id": f"cus_test_{number}"})
    fields.setdefault("stripe_invoice_id", f"in_test_{number}")
    fields.setdefault("stripe_charge_id", f"ch_test_{number}")
    fields.setdefault("paid_at", now - timedelta(days=5))
    fields.setdefault("period_start", fields["paid_at"])
    fields.setdefault("period_end", fields["paid_at"] + timedelta(days=30))
    return Payment.objects.create(user=user, customer=customer, synchronised_at=now, **{"amount": 700, "currency": "EUR", **fields})


def make_group(owner: User | None = None, *, seats: int = 5, members: tuple[User, ...] = (), **fields: Any) -> Group:
    """A running group whose owner and members have a seat each, in the order given, as far as there are seats."""
    owner = owner or make_user()
    subscription = fields.pop("subscription", None) or make_subscription(
        owner, kind=Kind.GROUP, quantity=seats, price=make_price(plan=make_group_plan(), amount=300)
    )
    group = Group.objects.create(owner=owner, subscription=subscription, **{"name": f"Group {next(numbers)}", **fields})
    for place, user in enumerate((owner, *members)):
        joined_at = timezone.now() - timedelta(days=1) + timedelta(minutes=place)
        Membership.objects.create(group=group, user=user, has_seat=place < seats, joined_at=joined_at)
    return group


def make_group_plan(**fields: Any) -> Plan:
    number = next(numbers)
    return Plan.objects.create(**{"name": f"Group plan {number}", "slug": f"group-plan-{number}", "is_for_groups": True, **fields})
