"""Control pages: events, and faults with a JSON twin."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from html import escape
from sqlite3 import Row

from sandbox.layout import button, not_found, page, post_form, refusal
from sandbox.stripe.account import Account
from sandbox.stripe.dates import shown
from sandbox.stripe.errors import ApiError
from sandbox.stripe.faults import API_FAULTS, Faults
from sandbox.stripe.store import JSON
from sandbox.stripe.webhooks import deliveries_of, resend, undelivered_events
from sandbox.web import Request, Response, Routes, json_response, see_other

SHOWN = 100
SWITCHES = {
    "duplicate_webhooks": "Send every webhook twice",
    "drop_webhooks": "Send no webhook",
    "reorder_webhooks": "Send webhooks newest first",
}
CHANCE_WORDS = {
    "drop_percent": "Webhooks that get lost",
    "duplicate_percent": "Webhooks that come twice",
    "reorder_percent": "Webhooks that come late, after others",
    "error_percent": "Requests answered 500 without effect",
    "error_after_percent": "Requests done, then answered 500",
    "timeout_percent": "Requests that wait",
}
API_WORDS = {
    "none": "Answers as it should",
    "error": "Answers 500 and does nothing",
    "error_after": "Does the work, then answers 500",
    "timeout": "Waits before it answers",
}


def routes_for(account: Account) -> Routes:
    """Bind these pages to one account."""
    routes = Routes()
    pages: tuple[tuple[str, str, Callable[..., Response]], ...] = (
        ("GET", "/faults", _faults),
        ("POST", "/faults", _set_faults),
        ("GET", "/events", _events),
        ("POST", "/events", _send_all_again),
        ("GET", "/events/{id}", _event_page),
        ("POST", "/events/{id}", _send_again),
    )
    for method, path, show in pages:
        routes.add(method, path)(partial(show, account))
    return routes


def _set_faults(account: Account, request: Request) -> Response:
    try:
        account.faults = Faults.from_form(request.form)
    except ValueError as error:
        return refusal(request, error)
    return _faults(account, request) if request.wants_json else see_other("/faults")


def _event_page(account: Account, request: Request, id: str) -> Response:
    found = account.store.get(id)
    if found is None or found["object"] != "event":
        return not_found("There is no such event.")
    return page(found["type"], f"<pre>{escape(json.dumps(found, indent=2, ensure_ascii=False))}</pre>")


def _send_all_again(account: Account, request: Request) -> Response:
    with account.store.transaction():
        for id in undelivered_events(account):
            resend(account, id)
    return see_other("/events")


def _send_again(account: Account, request: Request, id: str) -> Response:
    try:
        with account.store.transaction():
            resend(account, id)
    except ApiError:
        return not_found("There is no such event.")
    return see_other("/events")


def _faults(account: Account, request: Request) -> Response:
    faults = account.faults
    values = faults.to_json()
    if request.wants_json:
        return json_response(values)
    switches = "".join(
        f'<label><input type="checkbox" name="{name}"{" checked" if values[name] else ""}>{label}</label>'
        for name, label in SWITCHES.items()
    )
    choices = "".join(
        f'<label><input type="radio" name="api" value="{name}"{" checked" if faults.api == name else ""}>{API_WORDS[name]}</label>'
        for name in API_FAULTS
    )
    chances = "".join(_number(name, words, values) for name, words in CHANCE_WORDS.items())
    chances += _number("seed", "Seed: the same brings the same chances", values)
    form = post_form(
        "/faults",
        f"<fieldset><legend>Webhooks</legend>{switches}{_number('delay_seconds', 'Delay in seconds', values)}</fieldset>",
        f"<fieldset><legend>The API</legend>{choices}{_number('api_count', 'For so many requests (0: until changed)', values)}"
        f"{_number('timeout_seconds', 'Seconds to wait', values)}</fieldset>",
        f"<fieldset><legend>By chance, of a hundred</legend>{chances}</fieldset>",
        button("Apply", primary=True),
    )
    return page("Faults", form)


def _number(name: str, label: str, values: JSON) -> str:
    field = f'<input id="{name}" name="{name}" type="number" min="0" step="any" value="{values[name]:g}">'
    return f'<div><label for="{name}">{label}</label>{field}</div>'


def _events(account: Account, request: Request) -> Response:
    events = account.store.find("event")[:SHOWN]
    if not events:
        return page("Events", "<p>Nothing has happened yet.</p>")
    missed = len(undelivered_events(account))
    words = f"The site has not taken {missed} of them." if missed else "The site has taken all of them."
    again = post_form("/events", button("Send again what it has not taken")) if missed else ""
    rows = "".join(_event(account, event) for event in events)
    return page("Events", f'<p>{words}</p>{again}<ul class="list">{rows}</ul>')


def _event(account: Account, event: JSON) -> str:
    sent = "; ".join(_delivery(row) for row in deliveries_of(account, event)) or "for nobody"
    subject = event["data"]["object"].get("id", "")
    again = post_form(f"/events/{event['id']}", button("Send again"))
    return (
        f'<li><a href="/events/{event["id"]}">{event["type"]}</a>'
        f'<div class="soft">{escape(subject)}, {shown(event["created"])}; {escape(sent)}</div>{again}</li>'
    )


def _delivery(row: Row) -> str:
    words = {"delivered": "taken", "dropped": "lost on the way", "failed": "given up", "pending": "to be sent"}[row["state"]]
    answer = f" (answered {row['answer']})" if row["answer"] else ""
    return f"{words}{answer}" + (f", tried {row['attempts']} times" if row["attempts"] > 1 else "")
