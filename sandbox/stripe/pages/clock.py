"""The clock: let time pass, and see what it brought."""

from __future__ import annotations

from functools import partial

from sandbox.layout import button, facts, page, post_form, refusal
from sandbox.stripe.account import Account
from sandbox.stripe.dates import shown
from sandbox.stripe.errors import ApiError
from sandbox.stripe.pages.stories import last_event, stories_since
from sandbox.stripe.subscribing import DUNNING_ENDS
from sandbox.stripe.timeline import advance, advance_to, next_renewal
from sandbox.web import Request, Response, Routes, json_response, see_other

STEPS = {"day": {"days": 1}, "week": {"days": 7}, "month": {"months": 1}, "year": {"years": 1}}
DUNNING_WORDS = {"canceled": "ended", "unpaid": "left unpaid", "past_due": "left past due"}


def routes_for(account: Account) -> Routes:
    """Bind these pages to one account."""
    routes = Routes()
    routes.add("GET", "/clock")(partial(_clock, account))
    routes.add("POST", "/clock")(partial(_move_clock, account))
    return routes


def _move_clock(account: Account, request: Request) -> Response:
    try:
        with account.store.transaction():
            if request.form.get("action") != "keep":
                account.store.set("moved", {"from": account.now, "seq": last_event(account)})
            _move(account, request.form)
    except (ApiError, ValueError, OverflowError) as error:
        return refusal(request, error)
    account.has_events.set()
    return _clock(account, request) if request.wants_json else see_other("/clock")


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
    others = "".join(button(f"A {step} on", value=step) for step in STEPS)
    body = (
        f'<section class="card">{facts({"Now": shown(account.now), "Next renewal": shown(renewal)})}'
        + post_form("/clock", button("To the next renewal", value="renewal", primary=True), f'<div class="row">{others}</div>')
        + '<p class="soft">The clock moves forward only. What falls due on the way happens, each at its own moment: renewals, '
        "ends of trials, second attempts at failed payments, expiries.</p></section>"
        + _what_happened(account)
        + f'<section class="card"><h2>When every attempt has failed</h2>{_dunning(account)}</section>'
    )
    return page("Clock", body)


def _what_happened(account: Account) -> str:
    moved = account.store.setting("moved", None)
    if moved is None:
        stories = stories_since(account, 0)
        return f'<section class="card"><h2>What happened so far</h2>{stories or "<p>Nothing yet.</p>"}</section>'
    stories = stories_since(account, moved["seq"]) or "<p>Nothing that concerns a subscription.</p>"
    since = f'<p class="soft">Since {shown(moved["from"])}, newest first.</p>'
    return f'<section class="card"><h2>What happened since you moved the clock</h2>{since}{stories}</section>'


def _dunning(account: Account) -> str:
    ending = account.store.setting("dunning_end", DUNNING_ENDS[0])
    options = "".join(f'<option value="{e}"{" selected" if e == ending else ""}>{DUNNING_WORDS[e]}</option>' for e in DUNNING_ENDS)
    select = f'<label for="end">The subscription is</label><select id="end" name="dunning_end">{options}</select>'
    return post_form("/clock", select, button("Keep this", value="keep"))
