"""Put whole objects where an answer names ids, as `expand[]` asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import list_of
from sandbox.stripe.store import JSON

# Fields that Stripe sends only when asked, and where they come from.
INCLUDABLE: dict[tuple[str, str], Callable[[Account, JSON], Any]] = {
    ("checkout.session", "line_items"): lambda a, o: list_of(
        a.store.notes(o["id"]).get("line_items", []), f"/v1/checkout/sessions/{o['id']}/line_items"
    ),
    ("price", "currency_options"): lambda a, o: a.store.notes(o["id"]).get("currency_options", {}),
    ("invoice", "payments"): lambda a, o: list_of(
        a.store.find("invoice_payment", invoice=o["id"]), f"/v1/invoice_payments?invoice={o['id']}"
    ),
    ("customer", "subscriptions"): lambda a, o: list_of(
        [s for s in a.store.find("subscription", customer=o["id"]) if s["status"] != "canceled"],
        f"/v1/customers/{o['id']}/subscriptions",
    ),
    ("charge", "refunds"): lambda a, o: list_of(a.store.find("refund", charge=o["id"]), f"/v1/charges/{o['id']}/refunds"),
}


def expand(account: Account, answer: JSON, paths: list[str]) -> JSON:
    """Expand dotted paths in an answer; raises on a field that can't be."""
    for path in paths:
        _expand(account, answer, path.split("."), path)
    return answer


def _expand(account: Account, node: Any, path: list[str], whole: str) -> None:
    if not path or node is None:
        return
    if isinstance(node, list):
        for item in node:
            _expand(account, item, path, whole)
        return
    field, rest = path[0], path[1:]
    include = INCLUDABLE.get((node.get("object", ""), field))
    if include and field not in node:
        node[field] = include(account, node)
    if field not in node:
        raise invalid(f"This property cannot be expanded ({whole}).", "expand")
    node[field] = _whole(account, node[field], bool(rest), whole)
    _expand(account, node[field], rest, whole)


def _whole(account: Account, value: Any, is_passed_through: bool, path: str) -> Any:
    if isinstance(value, list):
        return [_whole(account, item, is_passed_through, path) for item in value]
    if isinstance(value, str):
        found = account.store.get(value)
        if found is None:
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        return found
    return value
