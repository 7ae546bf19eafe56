"""Step through a calendar in UTC, as billing periods do."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta


def add_interval(moment: int, interval: str, count: int, *, anchor_day: int | None = None) -> int:
    """Add days, weeks, months or years to a timestamp.

    A month without the day takes its last one; `anchor_day` brings the 31st back afterwards.
    """
    start = datetime.fromtimestamp(moment, UTC)
    if interval in {"day", "week"}:
        return int((start + timedelta(days=count * (7 if interval == "week" else 1))).timestamp())
    months = start.month - 1 + count * (12 if interval == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    day = min(anchor_day or start.day, monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def day_of(moment: int) -> int:
    """Tell the day of the month."""
    return datetime.fromtimestamp(moment, UTC).day


def shown(moment: int | None) -> str:
    """Write a timestamp for people."""
    return f"{datetime.fromtimestamp(moment, UTC):%d %B %Y, %H:%M} UTC" if moment else "never"


def amount_shown(amount: int, currency: str) -> str:
    """Write minor units for people."""
    if currency in ZERO_DECIMAL:
        return f"{currency.upper()} {amount:,}"
    return f"{currency.upper()} {amount / 100:,.2f}"


# https://docs.stripe.com/currencies#zero-decimal
ZERO_DECIMAL = frozenset(("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"))
