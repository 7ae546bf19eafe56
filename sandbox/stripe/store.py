"""Keep the stand-in's state in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

JSON = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created INTEGER NOT NULL,
    data TEXT NOT NULL, private TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS objects_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_created ON objects (kind, created);
CREATE INDEX IF NOT EXISTS objects_customer ON objects (kind, json_extract(data, '$.customer'));
CREATE INDEX IF NOT EXISTS objects_status ON objects (kind, json_extract(data, '$.status'));
CREATE INDEX IF NOT EXISTS objects_invoice ON objects (kind, json_extract(data, '$.invoice'));
CREATE INDEX IF NOT EXISTS objects_intent ON objects (kind, json_extract(data, '$.payment.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_charge ON objects (kind, json_extract(data, '$.charge'));
CREATE INDEX IF NOT EXISTS objects_subscription
    ON objects (kind, json_extract(data, '$.parent.subscription_details.subscription'));
CREATE TABLE IF NOT EXISTS kept_answers (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL, url TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL, answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event);
CREATE INDEX IF NOT EXISTS deliveries_state ON deliveries (state, not_before);
"""


class Store:
    """Objects by id, each with its public JSON and notes that never leave the stand-in.

    One connection behind one re-entrant lock: requests are served one after the other.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything at the end of the outermost block, or nothing."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo the block alone when it fails; inside a transaction. A declined payment keeps its traces."""
        self._db.execute("SAVEPOINT one_request")
        try:
            yield
        except BaseException as error:
            if not getattr(error, "keeps_effects", False):
                self._db.execute("ROLLBACK TO one_request")
            raise
        finally:
            self._db.execute("RELEASE one_request")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Try something out and take it all back; inside a transaction."""
        self._db.execute("SAVEPOINT trial")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK TO trial")
            self._db.execute("RELEASE trial")

    def rows(self, sql: str, *args: Any) -> list[sqlite3.Row]:
        """Run one statement and fetch all of its rows."""
        with self._lock:
            return self._db.execute(sql, args).fetchall()

    def get(self, id: str) -> JSON | None:
        """Fetch the public JSON of an object."""
        rows = self.rows("SELECT data FROM objects WHERE id = ?", id)
        return json.loads(rows[0]["data"]) if rows else None

    def notes(self, id: str) -> JSON:
        """Fetch the private notes on an object."""
        rows = self.rows("SELECT private FROM objects WHERE id = ?", id)
        return json.loads(rows[0]["private"]) if rows else {}

    def put(self, obj: JSON) -> None:
        """Insert or replace an object."""
        self.rows(
            "INSERT INTO objects (id, kind, created, data) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET data = excluded.data",
            obj["id"], obj["object"], obj.get("created", 0), json.dumps(obj),
        )  # fmt: skip

    def note(self, id: str, **notes: Any) -> None:
        """Merge private notes into those on an object."""
        merged = self.notes(id) | notes
        self.rows("UPDATE objects SET private = ? WHERE id = ?", json.dumps(merged), id)

    def delete(self, id: str) -> None:
        """Forget an object."""
        self.rows("DELETE FROM objects WHERE id = ?", id)

    def find(self, kind: str, *, since: int | None = None, **equal: Any) -> list[JSON]:
        """List objects of a kind, newest first, whose fields equal the given; `a__b` reaches into a, `since` is when made."""
        sql = "SELECT data FROM objects WHERE kind = ?"
        args: list[Any] = [kind]
        if since is not None:
            sql += " AND created >= ?"
            args.append(since)
        for name, value in equal.items():
            sql += f" AND json_extract(data, '$.{name.replace('__', '.')}') IS ?"
            args.append(value)
        return [json.loads(row["data"]) for row in self.rows(sql + " ORDER BY seq DESC", *args)]

    def setting(self, name: str, default: Any) -> Any:
        """Read a setting."""
        rows = self.rows("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(rows[0]["value"]) if rows else default

    def set(self, name: str, value: Any) -> None:
        """Write a setting."""
        self.rows("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", name, json.dumps(value))
