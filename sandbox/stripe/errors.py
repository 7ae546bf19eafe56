"""Stripe's errors, as they go over the wire."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer other than 200, in Stripe's shape.

    `keeps_effects`: what was done before stays done, as a declined charge is recorded.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        keeps_effects: bool = False,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps_effects = keeps_effects
        self.error = {"message": message, "type": type} | {k: v for k, v in details.items() if v is not None}

    @property
    def body(self) -> dict[str, Any]:
        """Write the error as JSON."""
        return {"error": self.error}


def missing(kind: str, id: str, param: str = "id") -> ApiError:
    """Make Stripe's error for an id that is not there."""
    noun = kind.rpartition(".")[2].replace("_", " ")
    status = 404 if param in {"id", noun} else 400
    return ApiError(f"No such {noun}: '{id}'", status=status, code="resource_missing", param=param)


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """Make Stripe's error for a request that can't be obeyed."""
    return ApiError(message, param=param, code=code)


def declined(intent_id: str, *, keeps_effects: bool = True) -> ApiError:
    """Make Stripe's error for a card that was refused."""
    return ApiError(
        "Your card was declined.",
        status=402,
        type="card_error",
        keeps_effects=keeps_effects,
        code="card_declined",
        decline_code="generic_decline",
        payment_intent={"id": intent_id, "object": "payment_intent"},
    )
