"""Billing in the newsroom: what is sold, who holds what, what came in, what Stripe said."""

from billing.admin import customers, events, giving, grants, groups, income, mails, moves, payments, reconciliations, rules, selling

__all__ = [
    "customers",
    "events",
    "giving",
    "grants",
    "groups",
    "income",
    "mails",
    "moves",
    "payments",
    "reconciliations",
    "rules",
    "selling",
]
