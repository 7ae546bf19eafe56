"""Answer requests under /v1 as Stripe does."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import b64decode
from binascii import Error as Base64Error
from importlib import import_module
from pkgutil import iter_modules

from sandbox.stripe import API_VERSION, KEY_PREFIX, resources
from sandbox.stripe.account import Account
from sandbox.stripe.errors import ApiError, invalid
from sandbox.stripe.expanding import expand
from sandbox.stripe.faults import API_FAULTS
from sandbox.stripe.params import Params, decode
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON
from sandbox.web import Request, Response, json_response

# Stripe forgets an idempotency key after a day.
KEY_SECONDS = 86400

for module in iter_modules(resources.__path__):
    import_module(f"{resources.__name__}.{module.name}")


def answer(account: Account, request: Request) -> Response:
    """Answer one API request, with whatever fault is on."""
    request_id = account.new_id("req", 14)
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
    with account.store.transaction():
        faults = account.faults
        account.faults = faults.after_one_request()
        fault = faults.api if faults.api != "none" else next((f for f in API_FAULTS[1:] if account.happens(f)), "none")
    if fault == "timeout":
        time.sleep(faults.timeout_seconds)
    if fault == "error":
        return _failure(headers)
    try:
        status, body, extra = _perform(account, request, request_id)
    except ApiError as error:
        status, body, extra = error.status, error.body, {}
    if fault == "error_after":
        return _failure(headers)
    return json_response(body, status, headers | extra)


def _failure(headers: dict[str, str]) -> Response:
    error = ApiError("An unknown error occurred (a fault of the sandbox).", status=500, type="api_error")
    return json_response(error.body, error.status, headers)


def _perform(account: Account, request: Request, request_id: str) -> tuple[int, JSON, dict[str, str]]:
    _authenticate(request)
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    fingerprint = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
    with account.store.transaction():
        if key and (stored := _stored(account, key, fingerprint)):
            return stored
        account.request_id, account.idempotency_key = request_id, key
        try:
            with account.store.savepoint():
                status, body = 200, _dispatch(account, request)
        except ApiError as error:
            if not error.keeps_effects:
                raise
            status, body = error.status, error.body
        finally:
            account.request_id = account.idempotency_key = None
        if key:
            account.store.rows(
                "INSERT OR REPLACE INTO kept_answers (key, request, status, body, created) VALUES (?, ?, ?, ?, ?)",
                key, fingerprint, status, json.dumps(body), account.now,
            )  # fmt: skip
        return status, body, {}


def _dispatch(account: Account, request: Request) -> JSON:
    found = api.match(request.method, request.path)
    if not found:
        message = f"Unrecognized request URL ({request.method}: {request.path}). The sandbox has no such operation."
        raise ApiError(message, status=404)
    handler, arguments = found
    values = decode(request.query_string) | decode(request.body.decode("utf-8", "replace"))
    params = Params(values)
    paths = params.strings("expand")
    result: JSON = handler(account, params, **arguments)
    for name in params.unread():
        raise invalid(f"Received unknown parameter: {name}", name, "parameter_unknown")
    return expand(account, result, paths)


def _stored(account: Account, key: str, fingerprint: str) -> tuple[int, JSON, dict[str, str]] | None:
    rows = account.store.rows("SELECT * FROM kept_answers WHERE key = ?", key)
    if not rows or rows[0]["created"] < account.now - KEY_SECONDS:
        return None
    if rows[0]["request"] != fingerprint:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request.",
            type="idempotency_error",
        )
    return rows[0]["status"], json.loads(rows[0]["body"]), {"Idempotent-Replayed": "true"}


def _authenticate(request: Request) -> None:
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            credential = b64decode(credential).decode().partition(":")[0]
        except (Base64Error, UnicodeDecodeError):
            credential = ""
    if not credential:
        raise ApiError("You did not provide an API key.", status=401)
    if not credential.startswith(KEY_PREFIX):
        raise ApiError(f"Invalid API Key provided: the sandbox takes keys that begin {KEY_PREFIX}.", status=401)
    version = request.headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise invalid(f"The sandbox speaks {API_VERSION} only, not {version}.")
