"""Load what readers of the demo said: threads, some of it still held, one piece of spam."""

from datetime import datetime, timedelta
from typing import Any

from articles.models import Article, Person
from comments.models import Comment, CommentSettings
from comments.moderation import count_comments
from demo.reading import read_data


def load_discussions(articles: dict[str, Article], now: datetime) -> None:
    """Load the comments in the order they came in, so that floors count up, and what comments are called here."""
    settings = CommentSettings.load()
    settings.noun_singular, settings.noun_plural, settings.noun_mark = "floor", "floors", "楼"
    settings.welcome = "Comments run in the order they came in. Be the neighbour you would like to have."
    settings.save()
    rows = [row for row in read_data("comments")["comments"] if row["article"] in articles]
    for slug in {row["article"] for row in rows}:
        load_thread(articles[slug], [row for row in rows if row["article"] == slug], now)


def load_thread(article: Article, rows: list[dict[str, Any]], now: datetime) -> None:
    """Load the comments on one article."""
    published_at = article.published_at or now
    known: dict[str, Comment] = {}
    rows = sorted(rows, key=lambda row: row["hours_after"])
    people = {person.slug: person for person in Person.objects.filter(slug__in=[row.get("person", "") for row in rows])}
    floor = 0
    for number, row in enumerate(rows):
        parent = known.get(row.get("parent", ""))
        # Nobody has commented in the future, however young the article is today.
        latest = now - timedelta(minutes=3 * (len(rows) - number))
        is_published = row["status"] == Comment.Status.PUBLISHED
        floor += is_published
        person = people.get(row.get("person", ""))
        known[row["id"]], _ = Comment.objects.update_or_create(
            source_id=f"demo:{row['id']}",
            defaults={
                "article": article,
                "parent": parent,
                "root": (parent.root or parent) if parent else None,
                "author": person.user if person else None,
                "name": row["name"],
                "body": row["text"],
                "status": row["status"],
                "floor": floor if is_published else None,
                "posted_at": min(published_at + timedelta(hours=row["hours_after"]), latest),
            },
        )
    count_comments(article)
