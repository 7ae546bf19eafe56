"""Load the demo magazine: its dates follow the day it is loaded, so the front page is always today's."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from articles.images import make_renditions, store_image
from articles.models import (
    Article,
    Credit,
    DailyReads,
    FrontSlot,
    Image,
    PaywallSettings,
    Person,
    Section,
    Series,
    SeriesEntry,
    Tag,
)
from articles.tasks import count_reads, make_lighter_twins_of
from billing.models import ContributionSettings, Grant, Plan, Price, Question, SubscriptionSettings
from demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from demo.discussions import load_discussions
from demo.letters import load_letters
from demo.reading import PRINTS, Piece, read_data, read_pieces, with_images
from magazine.models import Identity, SocialLink

READING_DAYS = 14


def load_demo() -> None:
    """Load all of it in one transaction; a second call brings content back to what the files say, and adds nothing twice."""
    now = timezone.now().replace(second=0, microsecond=0)
    with transaction.atomic():
        data = read_data("magazine")
        load_identity(data)
        load_taxonomy(data)
        load_plans(data["plans"])
        load_subscription_page(data["subscribe"])
        load_support_page(data["support"])
        load_accounts()
        images = load_prints()
        articles = load_articles(images, now)
        load_pages(now)
        load_front(data["front"], articles)
        load_reads(articles, now)
        # Once more, now that every credit, tag and card that a text refers to is there.
        for article in Article.objects.prefetch_related("credits__person", "tags"):
            article.save()
        load_discussions(articles, now)
        load_letters(data, images, now)
    for image in images.values():
        make_renditions(image)
        # In the worker, and later: they save bytes, and nobody should wait for that.
        make_lighter_twins_of.delay(image.pk)
    count_reads()


def load_identity(data: dict[str, Any]) -> None:
    """Set the magazine's name, look and addresses, and what its paywall says."""
    identity = Identity.load()
    known = {field.name for field in Identity._meta.get_fields()}
    for name, value in data["identity"].items():
        if name in known:
            setattr(identity, name, value)
    identity.save()
    for position, link in enumerate(data["identity"].get("socials", [])):
        SocialLink.objects.update_or_create(label=link["label"], defaults={"identity": identity, "url": link["url"], "position": position})
    paywall = PaywallSettings.load()
    for name, value in data["paywall"].items():
        setattr(paywall, name, "\n".join(value) if isinstance(value, list) else value)
    paywall.save()


def load_taxonomy(data: dict[str, Any]) -> None:
    """Load sections, people, tags and series."""
    for position, section in enumerate(data["sections"]):
        fields = {name: section[name] for name in ("name", "note", "description", "front_style")}
        fields |= {"character": section["han"], "gloss": f"{section['pronunciation']}: {section['gloss']}", "position": position}
        Section.objects.update_or_create(slug=section["slug"], defaults=fields)
    for person in data["people"]:
        Person.objects.update_or_create(slug=person["slug"], defaults={name: value for name, value in person.items() if name != "slug"})
    for tag in data["tags"]:
        Tag.objects.update_or_create(slug=tag["slug"], defaults={"name": tag["name"]})
    for series in data["series"]:
        fields = {name: series[name] for name in ("title", "standfirst", "introduction")}
        Series.objects.update_or_create(slug=series["slug"], defaults=fields)


def load_plans(plans: list[dict[str, Any]]) -> None:
    """Load what is sold."""
    for position, plan in enumerate(plans):
        fields = {"name": plan["name"], "description": plan["description"], "benefits": "\n".join(plan["benefits"]), "position": position}
        fields["is_recommended"] = plan.get("is_recommended", False)
        fields["is_for_groups"] = plan.get("is_for_groups", False)
        fields["is_giftable"] = plan.get("is_giftable", True)
        row, _ = Plan.objects.update_or_create(slug=plan["slug"], defaults=fields)
        for price in plan["prices"]:
            more = {name: price[name] for name in ("amount", "is_least", "suggestions", "trial_days") if name in price}
            Price.objects.get_or_create(plan=row, interval=price["interval"], currency=price["currency"], is_chosen=False, defaults=more)


def load_subscription_page(words: dict[str, Any]) -> None:
    """Set what the page says where the magazine is sold."""
    page = SubscriptionSettings.load()
    page.headline, page.introduction, page.promises = words["headline"], words["introduction"], "\n".join(words["promises"])
    page.save()
    for position, row in enumerate(words["questions"]):
        Question.objects.update_or_create(question=row["question"], defaults={"answer": row["answer"], "position": position})


def load_support_page(words: dict[str, Any]) -> None:
    """Set what the page says where the magazine takes contributions."""
    page = ContributionSettings.load()
    page.is_open, page.introduction, page.thanks = True, words["introduction"], words["thanks"]
    page.save()


def load_accounts() -> None:
    """Load the people one can sign in as; the subscriber has been given a year."""
    for account in DEMO_ACCOUNTS:
        user = User.objects.with_email(account.email).first() or User(email=account.email)
        user.name, user.is_superuser = account.name, account.is_superuser
        user.is_staff = account.is_superuser or bool(account.group)
        user.set_password(DEMO_PASSWORD)
        user.save()
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True, "verified": True})
        if account.group:
            user.groups.add(Group.objects.get(name=account.group))
        if account.person:
            Person.objects.filter(slug=account.person).update(user=user)
        if account.is_subscriber and not user.grants.exists():
            Grant.objects.create(user=user, reason="Demo", ends_at=timezone.now() + timedelta(days=365))


def load_prints() -> dict[str, Image]:
    """Store the prints as pictures; return them by name."""
    images = {}
    for path in sorted(PRINTS.glob("*.webp")):
        with path.open("rb") as file:
            images[path.stem] = store_image(file, title=path.stem, source_id=f"demo:{path.stem}")
    return images


def load_articles(images: dict[str, Image], now: datetime) -> dict[str, Article]:
    """Load the articles with their credits, tags and series; return them by slug."""
    articles = {}
    sections = {section.slug: section for section in Section.objects.all()}
    for piece in read_pieces("articles"):
        matter = piece.matter
        published_at = now - timedelta(days=matter["days_ago"])
        first_published = matter.get("first_published_days_ago")
        fields = {
            "kind": matter["kind"],
            "section": sections[matter["section"]],
            "access": matter["access"],
            "language": matter.get("language", "en"),
            "pronunciation": matter.get("pinyin", ""),
            "published_at": published_at,
            "first_published_at": now - timedelta(days=first_published) if first_published else published_at,
            "updated_at": now - timedelta(days=matter["updated_days_ago"]) if "updated_days_ago" in matter else None,
            "lead_image": images.get(matter.get("image", "")),
            "lead_alt": matter.get("image_alt", ""),
            "lead_caption": matter.get("image_caption", ""),
            "lead_credit": matter.get("image_credit", ""),
        }
        article = save_piece(piece, images, fields, published_at)
        load_relations(article, matter)
        articles[piece.slug] = article
    return articles


def save_piece(piece: Piece, images: dict[str, Image], fields: dict[str, Any], published_at: datetime) -> Article:
    """Save one piece as a published article."""
    article = Article.objects.filter(slug=piece.slug).first() or Article(slug=piece.slug, source_id=f"demo:{piece.slug}")
    body = piece.body.replace("{{day}}", timezone.localtime(published_at).date().isoformat())
    article.title, article.standfirst = piece.matter["title"], piece.matter.get("standfirst", "")
    article.body = with_images(body, images)
    article.status = Article.Status.PUBLISHED
    for name, value in fields.items():
        setattr(article, name, value)
    article.save()
    return article


def load_relations(article: Article, matter: dict[str, Any]) -> None:
    """Set who made an article, its tags and its series."""
    people = {person.slug: person for person in Person.objects.all()}
    for position, (slug, role) in enumerate(matter["credits"]):
        Credit.objects.get_or_create(article=article, person=people[slug], role=role, defaults={"position": position})
    article.tags.set(Tag.objects.filter(slug__in=matter.get("tags", [])))
    for slug in matter.get("series", []):
        series = Series.objects.get(slug=slug)
        SeriesEntry.objects.get_or_create(series=series, article=article, defaults={"position": series.entries.count() + 1})


def load_pages(now: datetime) -> None:
    """Load the pages, such as who we are."""
    for piece in read_pieces("pages"):
        save_piece(piece, {}, {"kind": Article.Kind.PAGE, "published_at": now - timedelta(days=1000), "access": "free"}, now)


def load_front(front: dict[str, Any], articles: dict[str, Article]) -> None:
    """Set what the editor put on the front page."""
    places = [(FrontSlot.Rank.LEAD, [front["lead"]]), (FrontSlot.Rank.ALSO, front["also"]), (FrontSlot.Rank.SECOND, front["second"])]
    FrontSlot.objects.all().delete()
    for rank, slugs in places:
        for position, slug in enumerate(slugs):
            FrontSlot.objects.create(rank=rank, article=articles[slug], position=position)


def load_reads(articles: dict[str, Article], now: datetime) -> None:
    """Spread each article's reads over the last days, so that the popular reads have something to say."""
    today = timezone.localdate(now)
    pieces = {piece.slug: piece.matter.get("reads", 0) for piece in read_pieces("articles")}
    for slug, reads in pieces.items():
        for day in range(READING_DAYS):
            share = reads * (READING_DAYS - day) * 2 // (READING_DAYS * (READING_DAYS + 1))
            if share:
                DailyReads.objects.update_or_create(article=articles[slug], day=today - timedelta(days=day), defaults={"reads": share})
