"""Synthetic content in bulk, for load and scale tests: constant memory, and the same for one seed.

Each batch is one transaction. Nothing here goes through `save()`, so there are no revisions, mails or tasks; what saving would
have derived is set from texts that were derived once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection, models, transaction
from django.db.models import Count, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Credit, Person, Section, Tag
from articles.search.index import INSERT_POSTGRESQL, INSERT_SQLITE
from articles.search.text import expand
from billing.models import Customer, Plan, Price, Subscription
from comments.models import Comment
from demo.seed_texts import SAID, SeedText, headline, make_texts, marked, sentence
from magazine.public_pages import forget_public_pages_on_commit
from newsletters.models import Newsletter, Signup

BATCH = 2_000
ARTICLE_BATCH = 500
MARK = "seed:"
EMAIL_DOMAIN = "seed.example.com"
SECTIONS, PEOPLE, TAGS = 8, 60, 120
ARCHIVE_DAYS = 3_650
# Of a hundred articles: what is gated, and how.
ACCESS = ["free"] * 70 + ["metered"] * 20 + ["premium"] * 10
REPLY_SHARE = 0.3

Row = TypeVar("Row", bound=models.Model)
Named = TypeVar("Named", Section, Person, Tag)
# An article, and how many comments it gets.
Part = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cast:
    """What seeded articles belong to."""

    sections: list[Section]
    people: list[Person]
    tags: list[Tag]


def seed_articles(count: int, *, random: Random, until: datetime) -> int:
    """Add published articles, spread over ten years; returns how many rows were written."""
    cast, texts, rows = make_cast(), make_texts(random), 0
    first = next_number(Article.objects.filter(source_id__startswith=MARK))
    for numbers in batches(range(first, first + count), ARTICLE_BATCH):
        with transaction.atomic():
            made = [(make_article(number, text := random.choice(texts), cast, random, until), text) for number in numbers]
            Article.objects.bulk_create([article for article, _text in made])
            set_bodies(made)
            rows += len(made) + add_relations(made, cast, random)
            forget_public_pages_on_commit()
    return rows


def make_cast() -> Cast:
    """Make sections, people and tags, once."""
    return Cast(made_once(Section, SECTIONS, "Section"), made_once(Person, PEOPLE, "Writer"), made_once(Tag, TAGS, "Subject"))


def made_once(model: type[Named], count: int, name: str) -> list[Named]:
    """Return this many rows of a model, each made unless it is there."""
    rows = [
        model(name=f"{name} {number}", slug=f"seed-{name.lower()}-{number}", source_id=f"{MARK}{number}") for number in range(1, count + 1)
    ]
    model._default_manager.bulk_create(rows, ignore_conflicts=True)
    return list(model._default_manager.filter(source_id__startswith=MARK).order_by("pk"))


def make_article(number: int, text: SeedText, cast: Cast, random: Random, until: datetime) -> Article:
    """Make one article, unsaved; most are read rarely and a few a lot, as everywhere."""
    published_at = until - timedelta(seconds=random.randrange(ARCHIVE_DAYS * 86_400))
    title, standfirst = headline(random, number), sentence(random)
    own = {"title_html": marked(title), "standfirst_html": marked(standfirst)}
    return Article(
        title=title,
        standfirst=standfirst,
        slug=f"seed-{number}",
        source_id=f"{MARK}{number}",
        status=Article.Status.PUBLISHED,
        kind=Article.Kind.BRIEF if text.derived["words"] < 150 else Article.Kind.LONG,
        section=random.choice(cast.sections),
        access="",
        effective_access=random.choice(ACCESS),
        published_at=published_at,
        first_published_at=published_at,
        popularity=int(random.paretovariate(1.2)) - 1,
        **{**text.derived, **own},
    )


def set_bodies(made: list[tuple[Article, SeedText]]) -> None:
    """Set what an editor would have written, which was sanitised once; inserting would do so for every row."""
    ids: dict[str, list[int]] = {}
    for article, text in made:
        ids.setdefault(text.body, []).append(article.pk)
    for body, keys in ids.items():
        Article.objects.filter(pk__in=keys).update(body=body)


def add_relations(made: list[tuple[Article, SeedText]], cast: Cast, random: Random) -> int:
    """Add credits, tags and index rows of saved articles; returns how many rows that was."""
    credits, tags, indexed = [], [], []
    tagged = Article.tags.through
    for article, text in made:
        people = random.sample(cast.people, random.choice([1, 1, 1, 2]))
        subjects = sorted(random.sample(cast.tags, 2), key=lambda tag: tag.name)
        credits += [Credit(article=article, person=person, position=position) for position, person in enumerate(people)]
        tags += [tagged(article_id=article.pk, tag_id=tag.pk) for tag in subjects]
        names = " ".join([*(person.name for person in people), *(subject.name for subject in subjects)])
        body = text.indexed_preview if article.is_gated else text.indexed
        indexed.append((article.pk, expand(article.title), expand(article.standfirst), expand(names), body))
    Credit.objects.bulk_create(credits)
    tagged.objects.bulk_create(tags)
    with connection.cursor() as cursor:
        cursor.executemany(INSERT_POSTGRESQL if connection.vendor == "postgresql" else INSERT_SQLITE, indexed)
    return len(credits) + len(tags) + len(indexed)


def seed_comments(count: int, *, random: Random, until: datetime) -> int:
    """Add published comments under seeded articles, a long thread under the first; returns how many rows were written."""
    articles = Article.objects.filter(source_id__startswith=MARK)
    total = articles.count()
    if not total:
        return 0
    threads = zip(articles.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH), spread(count, total), strict=True)
    for group in grouped((pk, size) for pk, wanted in threads for size in slices(wanted, BATCH)):
        with transaction.atomic():
            add_comments(group, random, until)
    published = Comment.objects.published().filter(article=OuterRef("pk")).order_by().values("article").annotate(total=Count("pk"))
    articles.update(comment_count=Coalesce(Subquery(published.values("total")), 0))
    forget_public_pages_on_commit()
    return count


def grouped(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Put parts of threads together until they make a batch; no article twice in one."""
    group: list[Part] = []
    for part in parts:
        if group and (sum(size for _pk, size in group) + part[1] > BATCH or group[-1][0] == part[0]):
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def spread(count: int, places: int) -> Iterator[int]:
    """Spread a number over places: a twentieth in the first, the rest evenly."""
    first = count if places == 1 else count // 20
    yield first
    rest, places = count - first, places - 1
    for place in range(places):
        yield rest * (place + 1) // places - rest * place // places


def add_comments(group: list[Part], random: Random, until: datetime) -> None:
    """Add comments under some articles: first those that begin a thread, then answers to them."""
    counted = Comment.objects.filter(article__in=[pk for pk, _size in group]).order_by().values("article").annotate(top=Max("floor"))
    floors = {row["article"]: row["top"] or 0 for row in counted}

    def comment(article_id: int, number: int, root: Comment | None = None) -> Comment:
        return Comment(
            article_id=article_id,
            root=root,
            parent=root,
            floor=floors.get(article_id, 0) + number + 1,
            name=f"Reader {random.randrange(10_000)}",
            body=random.choice(SAID),
            status=Comment.Status.PUBLISHED,
            posted_at=until - timedelta(minutes=BATCH - number),
        )

    opening = {pk: size - int(size * REPLY_SHARE) for pk, size in group}
    roots: dict[int, list[Comment]] = {pk: [comment(pk, number) for number in range(count)] for pk, count in opening.items()}
    Comment.objects.bulk_create([root for thread in roots.values() for root in thread])
    replies = [comment(pk, number, random.choice(roots[pk])) for pk, size in group for number in range(opening[pk], size)]
    Comment.objects.bulk_create(replies)


def seed_readers(count: int, *, random: Random, until: datetime, subscribe: bool) -> int:
    """Add people who take the first letter, and on demand subscribe; returns how many rows were written."""
    letter, price, rows = first_letter(), first_price() if subscribe else None, 0
    first = next_number(User.objects.filter(email__endswith=f"@{EMAIL_DOMAIN}"))
    for numbers in batches(range(first, first + count), BATCH):
        with transaction.atomic():
            users = User.objects.bulk_create([make_user(number, random, until) for number in numbers])
            addresses = [EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in users]
            signups = [Signup(newsletter=letter, user=user, status=Signup.Status.CONFIRMED, confirmed_at=user.joined_at) for user in users]
            EmailAddress.objects.bulk_create(addresses)
            Signup.objects.bulk_create(signups)
            rows += 3 * len(users) + (subscribe_all(users, price, random, until) if price else 0)
    return rows


def make_user(number: int, random: Random, until: datetime) -> User:
    """Make one person, unsaved, who signs in by code."""
    joined = until - timedelta(minutes=random.randrange(ARCHIVE_DAYS * 1440))
    return User(
        email=f"reader-{number}@{EMAIL_DOMAIN}", name=f"Reader {number}", joined_at=joined, password=f"{UNUSABLE_PASSWORD_PREFIX}{number}"
    )


def subscribe_all(users: list[User], price: Price, random: Random, until: datetime) -> int:
    """Give people a subscription each, nine of ten of them active; returns how many rows that was."""
    statuses = [Subscription.Status.ACTIVE] * 9 + [Subscription.Status.PAST_DUE]
    customers = Customer.objects.bulk_create([Customer(user=user, stripe_id=f"cus_seed_{user.pk}") for user in users])
    subscriptions = []
    for user, customer in zip(users, customers, strict=True):
        ends = until + timedelta(hours=random.randrange(24, 30 * 24))
        subscriptions.append(
            Subscription(
                user=user,
                customer=customer,
                stripe_id=f"sub_seed_{user.pk}",
                status=random.choice(statuses),
                price=price,
                started_at=user.joined_at,
                current_period_end=ends,
                entitled_until=ends + timedelta(days=1),
                synchronised_at=until,
            )
        )
    Subscription.objects.bulk_create(subscriptions)
    return len(customers) + len(subscriptions)


def first_letter() -> Newsletter:
    """Return the first letter, made if there is none."""
    return Newsletter.objects.first() or Newsletter.objects.create(name="Letter", slug="seed-letter")


def first_price() -> Price:
    """Return a price on sale, made if there is none."""
    if price := Price.objects.on_sale().first():
        return price
    return Price.objects.create(plan=Plan.objects.create(name="Subscription", slug="seed-plan"), amount=700, currency="EUR")


def refresh_statistics() -> None:
    """Have the database count anew, so that it chooses indexes by what is there now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def next_number(rows: "models.QuerySet[Row]") -> int:
    """Return the number after those of the rows seeded before."""
    return rows.count() + 1


def batches(items: Iterable[int], size: int) -> Iterator[list[int]]:
    """Cut numbers into lists of at most a size."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def slices(count: int, size: int) -> Iterator[int]:
    """Cut a count into counts of at most a size."""
    for start in range(0, count, size):
        yield min(size, count - start)


def now() -> datetime:
    """Return the moment that seeded dates lie before: the beginning of this hour."""
    return timezone.now().replace(minute=0, second=0, microsecond=0)
