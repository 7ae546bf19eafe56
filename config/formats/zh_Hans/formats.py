"""Chinese dates; Django's own, but for the month without a zero before it."""

MONTH_DAY_FORMAT = "n月j日"
