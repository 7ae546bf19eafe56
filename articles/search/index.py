"""The full-text index: one document an article, made of what anybody may read of it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import connection, models

from articles.search.text import expand

if TYPE_CHECKING:
    from articles.models import Article

TABLE = "articles_search"
# PostgreSQL refuses a tsvector over a megabyte; a body of this many characters stays below it when expanded.
INDEXED_CHARACTERS = 150_000

INSERT_SQLITE = f"INSERT INTO {TABLE} (rowid, title, standfirst, names, body) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608
INSERT_POSTGRESQL = f"""
    INSERT INTO {TABLE} (article_id, document) VALUES (%s,
        setweight(to_tsvector('simple', %s), 'A') || setweight(to_tsvector('simple', %s), 'B')
        || setweight(to_tsvector('simple', %s), 'C') || setweight(to_tsvector('simple', %s), 'D'))
    ON CONFLICT (article_id) DO UPDATE SET document = excluded.document
"""  # noqa: S608


def index_article(article: "Article") -> None:
    """Put one article's present state into the index."""
    index_articles([article])


def index_articles(articles: Iterable["Article"]) -> None:
    """Put articles into the index, replacing what stood there.

    Gated articles give their preview only, so no query can tell what is behind the wall.
    """
    rows = [_row(article) for article in articles]
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.executemany(INSERT_POSTGRESQL, rows)
        else:
            cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", [(row[0],) for row in rows])  # noqa: S608
            cursor.executemany(INSERT_SQLITE, rows)


def forget_articles(articles: models.QuerySet["Article"]) -> None:
    """Take articles out of the index."""
    column = "article_id" if connection.vendor == "postgresql" else "rowid"
    ids = list(articles.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {TABLE} WHERE {column} = %s", [(pk,) for pk in ids])  # noqa: S608


def _row(article: "Article") -> tuple[int, str, str, str, str]:
    """Return the index row: id, then the weighted texts, expanded."""
    names = [credit.person.name for credit in article.credits.all()] + [credit.person.native_name for credit in article.credits.all()]
    names += [tag.name for tag in article.tags.all()]
    body = article.preview_text if article.is_gated else article.text
    title = f"{article.title} {article.pronunciation}"
    return (article.pk, expand(title), expand(article.standfirst), expand(" ".join(names)), expand(body[:INDEXED_CHARACTERS]))
