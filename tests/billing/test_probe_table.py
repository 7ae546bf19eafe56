"""The table of probes names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_probe_is_a_test_that_exists():
    named = re.findall(r"`(test_\w+)`", (ROOT / "docs/stripe-probes.md").read_text())
    written = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    missing = [name for name in named if f"def {name}(" not in written]
    assert len(named) > 40 and not missing
