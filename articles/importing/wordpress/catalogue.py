"""An index of everything in the files of one import, kept on disk, so that memory doesn't grow with the size of a site.

An article may name a picture, a parent or another article that comes later or in another file. So the files are read twice: first
into this index, then for their texts.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

SCHEMA = """
CREATE TABLE items (
    site TEXT NOT NULL, post_id TEXT NOT NULL, place TEXT NOT NULL, post_type TEXT NOT NULL, status TEXT NOT NULL,
    name TEXT NOT NULL, title TEXT NOT NULL, link TEXT NOT NULL, parent TEXT NOT NULL, slug TEXT, is_public INTEGER NOT NULL DEFAULT 0,
    address TEXT NOT NULL DEFAULT '', alt TEXT NOT NULL DEFAULT '', caption TEXT NOT NULL DEFAULT '', credit TEXT NOT NULL DEFAULT '',
    image INTEGER, image_address TEXT NOT NULL DEFAULT '', file_address TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (site, post_id)
) WITHOUT ROWID;
CREATE INDEX items_by_slug ON items (slug);
CREATE INDEX items_by_parent ON items (site, parent, post_type);
CREATE TABLE paths (site TEXT NOT NULL, path TEXT NOT NULL, post_id TEXT NOT NULL, PRIMARY KEY (site, path)) WITHOUT ROWID;
CREATE TABLE files (site TEXT NOT NULL, stem TEXT NOT NULL, post_id TEXT NOT NULL, PRIMARY KEY (site, stem)) WITHOUT ROWID;
CREATE TABLE reused (site TEXT NOT NULL, post_id TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (site, post_id)) WITHOUT ROWID;
CREATE TABLE terms (
    site TEXT NOT NULL, taxonomy TEXT NOT NULL, slug TEXT NOT NULL, raw_slug TEXT NOT NULL, name TEXT NOT NULL, parent TEXT NOT NULL,
    description TEXT NOT NULL, old_id TEXT NOT NULL, is_section INTEGER NOT NULL DEFAULT 0, uses INTEGER NOT NULL DEFAULT 0,
    pk INTEGER, address TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (site, taxonomy, slug)
) WITHOUT ROWID;
CREATE TABLE people (
    site TEXT NOT NULL, login TEXT NOT NULL, name TEXT NOT NULL, old_id TEXT NOT NULL, rank INTEGER NOT NULL, pk INTEGER,
    address TEXT NOT NULL DEFAULT '', PRIMARY KEY (site, login)
) WITHOUT ROWID;
"""
Row = sqlite3.Row


class Catalogue:
    """The index; a context manager that takes its file away in the end."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="masthead-import-")
        self.database = sqlite3.connect(Path(self.folder.name) / "catalogue.sqlite3", isolation_level=None)
        self.database.row_factory = sqlite3.Row
        self.database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;" + SCHEMA)
        self.database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.database.close()
        self.folder.cleanup()

    def add(self, table: str, **values: str | int | None) -> bool:
        """Add a row unless its key is there; say whether it was added."""
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        sql = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names of our own
        return self.database.execute(sql, list(values.values())).rowcount > 0

    def set(self, table: str, key: dict[str, str], **values: str | int | None) -> None:
        """Change the row of a key."""
        assignments = ", ".join(f"{name} = ?" for name in values)
        condition = " AND ".join(f"{name} = ?" for name in key)
        sql = f"UPDATE {table} SET {assignments} WHERE {condition}"  # noqa: S608 - names of our own
        self.database.execute(sql, [*values.values(), *key.values()])

    def get(self, table: str, **key: str) -> Row | None:
        """Return the first row with these values, None when there is none."""
        condition = " AND ".join(f"{name} = ?" for name in key)
        sql = f"SELECT * FROM {table} WHERE {condition} LIMIT 1"  # noqa: S608 - names of our own
        row: Row | None = self.database.execute(sql, list(key.values())).fetchone()
        return row

    def rows(self, sql: str, values: Iterable[str] = ()) -> Iterator[Row]:
        """Yield the rows of a query, a few at a time, so that they may be changed meanwhile."""
        cursor = self.database.execute(sql, list(values))
        while rows := cursor.fetchmany(500):
            yield from rows

    def item_at(self, site: str, path: str) -> Row | None:
        """Return the item that an address of the old site showed, by its path."""
        found = self.get("paths", site=site, path=path)
        return self.get("items", site=site, post_id=found["post_id"]) if found else None

    def file_item(self, site: str, stem: str) -> Row | None:
        """Return the attachment of a file, by its path without the suffixes of sizes."""
        found = self.get("files", site=site, stem=stem)
        return self.get("items", site=site, post_id=found["post_id"]) if found else None

    def children(self, site: str, parent: str) -> list[Row]:
        """Return the attachments of an item in their order."""
        sql = "SELECT * FROM items WHERE site = ? AND parent = ? AND post_type = 'attachment' ORDER BY CAST(post_id AS INTEGER)"
        return self.database.execute(sql, (site, parent)).fetchall()
