"""Things that go wrong on purpose."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

API_FAULTS = ("none", "error", "error_after", "timeout")
CHANCES = ("drop_percent", "duplicate_percent", "reorder_percent", "error_percent", "error_after_percent", "timeout_percent")


@dataclass(frozen=True)
class Faults:
    """Which faults are on.

    `api`: `error` answers 500 and does nothing, `error_after` does the work and answers 500, `timeout` waits
    `timeout_seconds` and then answers. They last for `api_count` requests; 0 means until switched off.

    What ends in `_percent` happens by chance, to so many of a hundred; the same `seed` brings the same chances.
    """

    duplicate_webhooks: bool = False
    drop_webhooks: bool = False
    reorder_webhooks: bool = False
    delay_seconds: float = 0
    api: str = "none"
    api_count: int = 0
    timeout_seconds: float = 30
    drop_percent: float = 0
    duplicate_percent: float = 0
    reorder_percent: float = 0
    error_percent: float = 0
    error_after_percent: float = 0
    timeout_percent: float = 0
    seed: int = 0

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Faults:
        """Rebuild from what `to_json` wrote."""
        return cls(**{f.name: values[f.name] for f in fields(cls) if f.name in values})

    @classmethod
    def from_form(cls, form: dict[str, str]) -> Faults:
        """Read a whole form; what is absent is off. Raises ValueError."""
        api = form.get("api") or "none"
        if api not in API_FAULTS:
            raise ValueError(f"api must be one of {', '.join(API_FAULTS)}")
        return cls(
            duplicate_webhooks=bool(form.get("duplicate_webhooks")),
            drop_webhooks=bool(form.get("drop_webhooks")),
            reorder_webhooks=bool(form.get("reorder_webhooks")),
            delay_seconds=max(0.0, float(form.get("delay_seconds") or 0)),
            api=api,
            api_count=max(0, int(form.get("api_count") or 0)),
            timeout_seconds=max(0.0, float(form.get("timeout_seconds") or 30)),
            seed=int(form.get("seed") or 0),
            **{name: min(100.0, max(0.0, float(form.get(name) or 0))) for name in CHANCES},
        )

    def chance_of(self, fault: str) -> float:
        """Tell how likely a fault is, from 0 to 1."""
        percent: float = getattr(self, f"{fault}_percent")
        return percent / 100

    def to_json(self) -> dict[str, Any]:
        """Write as JSON."""
        return asdict(self)

    def after_one_request(self) -> Faults:
        """Count down an API fault that lasts for some requests."""
        if self.api == "none" or self.api_count == 0:
            return self
        left = self.api_count - 1
        return Faults(**asdict(self) | {"api_count": left, "api": self.api if left else "none"})
