"""What an import did, what it left out and why."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

# The report names this many of a kind one by one; the rest are only counted, so that it stays readable and bounded.
MAX_NAMED = 2000
MAX_SAMPLES = 5
SHOWN_GAPS = 60
GONE_LONG = 160


@dataclass(slots=True)
class Report:
    """Counts by kind and outcome, and the gaps: every item that didn't come over whole, with the reason."""

    files: list[str] = field(default_factory=list)
    is_dry_run: bool = False
    has_read_anything: bool = False
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    gaps: list[dict[str, str]] = field(default_factory=list)
    gap_count: int = 0
    shortcodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocks: Counter[str] = field(default_factory=Counter)
    redirects: Counter[str] = field(default_factory=Counter)

    def count(self, kind: str, outcome: str, number: int = 1) -> None:
        """Count an outcome."""
        self.counts.setdefault(kind, Counter())[outcome] += number

    def gap(self, item: str, reason: str) -> None:
        """Note that something of an item was left out or needs an editor's eye."""
        self.gap_count += 1
        if len(self.gaps) < MAX_NAMED:
            self.gaps.append({"item": item, "reason": reason})

    def shortcode(self, name: str, item: str, sample: str) -> None:
        """Note a shortcode that nobody knows and that was taken out of a text."""
        entry = self.shortcodes.setdefault(name, {"count": 0, "items": [], "samples": []})
        entry["count"] += 1
        if item not in entry["items"] and len(entry["items"]) < 100:
            entry["items"].append(item)
        if sample not in entry["samples"] and len(entry["samples"]) < MAX_SAMPLES:
            entry["samples"].append(sample)

    def number(self, kind: str, *outcomes: str) -> int:
        """Return how many of a kind had an outcome."""
        return sum(self.counts.get(kind, Counter())[outcome] for outcome in outcomes)

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "files": self.files,
            "dry_run": self.is_dry_run,
            "counts": {kind: dict(outcomes) for kind, outcomes in self.counts.items()},
            "gaps": self.gaps,
            "gap_count": self.gap_count,
            "unknown_shortcodes": self.shortcodes,
            "left_out_blocks": dict(self.blocks),
            "redirects": dict(self.redirects),
        }

    def as_text(self) -> str:
        """Return the report for people."""
        lines = ["Nothing was written: this was a dry run." if self.is_dry_run else "Import finished.", ""]
        for kind, outcomes in self.counts.items():
            lines.append(f"{kind:<14}" + ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items())))
        if self.redirects:
            lines.append(f"{'redirects':<14}" + ", ".join(f"{number} {outcome}" for outcome, number in sorted(self.redirects.items())))
        if self.blocks:
            lines.append(
                "left out, for the theme does it: " + ", ".join(f"{name} ({number})" for name, number in sorted(self.blocks.items()))
            )
        for name, entry in sorted(self.shortcodes.items()):
            lines.append(
                f"unknown shortcode [{name}], {entry['count']}×, for example in {entry['items'][0]}: {entry['samples'][0][:GONE_LONG]}"
            )
        if self.gap_count:
            lines += ["", f"{self.gap_count} gaps:"]
            lines += [f"  {gap['item']}: {gap['reason']}" for gap in self.gaps[:SHOWN_GAPS]]
            if self.gap_count > SHOWN_GAPS:
                lines.append(f"  … and {self.gap_count - SHOWN_GAPS} more; --report FILE writes them all.")
        return "\n".join(lines)
