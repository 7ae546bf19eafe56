"""Count in months, as people and prices do."""

from calendar import monthrange
from datetime import datetime

MONTHS_A_YEAR = 12


def months_after(moment: datetime, months: int) -> datetime:
    """Return the same day and hour some months later, or the month's last day where there is no such day."""
    years, month = divmod(moment.month - 1 + months, MONTHS_A_YEAR)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
