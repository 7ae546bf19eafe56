"""Control pages, each with a JSON twin: clock, events, faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from html import escape

from sandbox.layout import button, facts, not_found, page, post_form
from sandbox.stripe.account import Account
from sandbox.stripe.dates import shown
from sandbox.stripe.errors import ApiError
from sandbox.stripe.faults import API_FAULTS, Faults
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import DUNNING_ENDS
from sandbox.stripe.timeline import advance, advance_to, next_renewal
from sandbox.stripe.webhooks import deliveries_of, resend
from sandbox.web import Request, Response, Routes, json_response, see_other

SHOWN = 100
STEPS = {"day": {"days": 1}, "month": {"months": 1}, "year": {"years": 1}}
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
        ("GET", "/clock", _clock),
        ("POST", "/clock", _move_clock),
        ("GET", "/faults", _faults),
        ("POST", "/faults", _set_faults),
        ("GET", "/events", _events),
        ("GET", "/events/{id}", _event_page),
        ("POST", "/events/{id}", _send_again),
    )
    for method, path, show in pages:
        routes.add(method, path)(partial(show, account))
    return routes


def _move_clock(account: Account, request: Request) -> Response:
    try:
        with account.store.transaction():
            _move(account, request.form)
    except (ApiError, ValueError, OverflowError) as error:
        return _refusal(request, error)
    return _clock(account, request) if request.wants_json else see_other("/clock")


def _set_faults(account: Account, request: Request) -> Response:
    try:
        account.faults = Faults.from_form(request.form)
    except ValueError as error:
        return _refusal(request, error)
    return _faults(account, request) if request.wants_json else see_other("/faults")


def _refusal(request: Request, error: Exception) -> Response:
    if request.wants_json:
        return json_response({"error": str(error)}, 400)
    return page("That did not work", f"<p>{escape(str(error))}</p>", status=400)


def _event_page(account: Account, request: Request, id: str) -> Response:
    found = account.store.get(id)
    if found is None or found["object"] != "event":
        return not_found("There is no such event.")
    return page(found["type"], f"<pre>{escape(json.dumps(found, indent=2, ensure_ascii=False))}</pre>")


def _send_again(account: Account, request: Request, id: str) -> Response:
    try:
        with account.store.transaction():
            resend(account, id)
    except ApiError:
        return not_found("There is no such event.")
    return see_other("/events")


def _move(account: Account, form: dict[str, str]) -> None:
    action = form.get("action", "")
    if form.get("dunning_end") in DUNNING_ENDS:
        account.store.set("dunning_end", form["dunning_end"])
    if action in STEPS:
        advance(account, **STEPS[action])
    elif action == "renewal":
        moment = next_renewal(account)
        if moment is not None:
            advance_to(account, moment)
    elif form.get("to"):
        advance_to(account, int(form["to"]))
    else:
        steps = {name: int(form.get(name) or 0) for name in ("days", "months", "years")}
        if any(step < 0 for step in steps.values()):
            raise ValueError("The clock only moves forward.")
        advance(account, **steps)


def _clock(account: Account, request: Request) -> Response:
    renewal = next_renewal(account)
    if request.wants_json:
        return json_response({"now": account.now, "next_renewal": renewal})
    labels = {"day": "A day on", "month": "A month on", "year": "A year on"}
    others = "".join(button(label, value=step) for step, label in labels.items())
    ending = account.store.setting("dunning_end", DUNNING_ENDS[0])
    options = "".join(f"<option{' selected' if e == ending else ''}>{e}</option>" for e in DUNNING_ENDS)
    body = (
        f'<section class="card">{facts({"Now": shown(account.now), "Next renewal": shown(renewal)})}'
        + post_form("/clock", button("To the next renewal", value="renewal", primary=True), f'<div class="row">{others}</div>')
        + "</section><p>The clock moves forward only. What falls due on the way happens, each at its own moment: renewals, "
        "ends of trials, second attempts at failed payments, expiries.</p>"
        + '<section class="card"><h2>When every attempt has failed</h2>'
        + post_form("/clock", f'<label for="end">The subscription becomes</label><select id="end" name="dunning_end">{options}</select>',
                    button("Keep this", value="keep"))
        + "</section>"
    )  # fmt: skip
    return page("Clock", body)


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
    rows = "".join(_event(account, event) for event in account.store.find("event")[:SHOWN])
    return page("Events", f'<ul class="list">{rows}</ul>' if rows else "<p>Nothing has happened yet.</p>")


def _event(account: Account, event: JSON) -> str:
    sent = "; ".join(f"{row['state']} {row['answer']} ({row['attempts']} sent)".replace("  ", " ") for row in deliveries_of(account, event))
    subject = event["data"]["object"].get("id", "")
    again = post_form(f"/events/{event['id']}", button("Send again"))
    return (
        f'<li><a href="/events/{event["id"]}">{event["type"]}</a>'
        f'<div class="soft">{escape(subject)}, {shown(event["created"])}; {escape(sent or "no endpoint")}</div>{again}</li>'
    )
