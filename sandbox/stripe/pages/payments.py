"""Payments, as a bank sees them: settle what waits, give back, dispute."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from sandbox.layout import button, facts, not_found, page, post_form
from sandbox.stripe.account import Account
from sandbox.stripe.dates import amount_shown, shown
from sandbox.stripe.errors import ApiError
from sandbox.stripe.refunding import close_dispute, fail_refund, open_dispute, refund
from sandbox.stripe.settling import WAITING, settle
from sandbox.stripe.store import JSON
from sandbox.web import Request, Response, Routes, see_other

SHOWN = 100


def routes_for(account: Account) -> Routes:
    """Bind these pages to one account."""
    routes = Routes()

    @routes.add("GET", "/payments")
    def index(request: Request) -> Response:
        intents = account.store.find("payment_intent")[:SHOWN]
        rows = "".join(
            f'<li><a href="/payments/{i["id"]}">{amount_shown(i["amount"], i["currency"])}</a>'
            f'<div class="soft">{_words(account, i)}, {shown(i["created"])}</div></li>'
            for i in intents
        )
        return page("Payments", f'<ul class="list">{rows}</ul>' if rows else "<p>Nobody has paid yet.</p>")

    @routes.add("GET", "/payments/{id}")
    def show(request: Request, id: str) -> Response:
        found = account.store.get(id)
        if found is None or found["object"] != "payment_intent":
            return not_found("There is no such payment.")
        return _payment(account, found)

    @routes.add("POST", "/payments/{id}")
    def act(request: Request, id: str) -> Response:
        with account.store.transaction():
            try:
                intent = account.get("payment_intent", id)
                _act(account, intent, request.form.get("action", ""))
            except ApiError as error:
                return page("That did not work", f"<p>{error}</p>", status=error.status)
        return see_other(f"/payments/{id}")

    return routes


def _act(account: Account, intent: JSON, action: str) -> None:
    charge = account.store.get(intent["latest_charge"] or "") or {}
    disputes = account.store.find("dispute", charge=charge.get("id"))
    refunds = account.store.find("refund", charge=charge.get("id"))
    actions: dict[str, Callable[[], object]] = {
        "arrive": lambda: settle(account, intent, paid=True),
        "fail": lambda: settle(account, intent, paid=False),
        "refund": lambda: refund(account, charge),
        "half": lambda: refund(account, charge, amount=(charge["amount"] - charge["amount_refunded"]) // 2),
        "dispute": lambda: open_dispute(account, charge),
        "win": lambda: close_dispute(account, disputes[0], won=True),
        "lose": lambda: close_dispute(account, disputes[0], won=False),
        "bounce": lambda: fail_refund(account, refunds[0]),
    }
    if action in _possible(account, intent):
        actions[action]()


def _possible(account: Account, intent: JSON) -> dict[str, str]:
    """Name what may happen to a payment now."""
    if intent["status"] in WAITING:
        return {"arrive": "The money arrives", "fail": "The payment fails"}
    charge = account.store.get(intent["latest_charge"] or "")
    if charge is None or charge["status"] != "succeeded":
        return {}
    possible: dict[str, str] = {}
    is_taken_back = any(d["status"] != "won" for d in account.store.find("dispute", charge=charge["id"]))
    if charge["amount"] > charge["amount_refunded"] and not is_taken_back:
        possible |= {"refund": "Refund the rest", "half": "Refund half"}
    if not charge["disputed"]:
        possible["dispute"] = "Open a dispute"
    if account.store.find("dispute", charge=charge["id"], status="needs_response"):
        possible |= {"win": "The magazine wins the dispute", "lose": "The magazine loses the dispute"}
    if account.store.find("refund", charge=charge["id"], status="succeeded"):
        possible["bounce"] = "Let the last refund fail"
    return possible


def _payment(account: Account, intent: JSON) -> Response:
    charge = account.store.get(intent["latest_charge"] or "") or {}
    rows: dict[str, object] = {
        "State": intent["status"].replace("_", " "),
        "Amount": amount_shown(intent["amount"], intent["currency"]),
        "Refunded": amount_shown(charge.get("amount_refunded", 0), intent["currency"]),
        "Disputed": "yes" if charge.get("disputed") else "no",
        "Payment": intent["id"],
    }
    names = _possible(account, intent)
    buttons = "".join(button(label, value=action) for action, label in names.items())
    forms = post_form(f"/payments/{intent['id']}", f'<div class="row">{buttons}</div>') if buttons else ""
    customer = account.store.get(intent["customer"] or "") or {}
    name = escape(customer.get("email") or intent["customer"] or "")
    who = f'<p>Paid by <a href="/people/{intent["customer"]}">{name}</a></p>' if name else "<p>Paid by a guest.</p>"
    return page("Payment", f'<section class="card">{facts(rows)}{who}{forms}</section><p><a href="/payments">All payments</a></p>')


def _words(account: Account, intent: JSON) -> str:
    """Say how a payment stands, and whose it is."""
    charge = account.store.get(intent["latest_charge"] or "") or {}
    states = [intent["status"].replace("_", " ")]
    states += ["refunded"] if charge.get("refunded") else ["refunded in part"] if charge.get("amount_refunded") else []
    states += ["disputed"] if charge.get("disputed") else []
    email = (account.store.get(intent["customer"] or "") or {}).get("email") or "guest"
    return escape(f"{email}: {', '.join(states)}")
