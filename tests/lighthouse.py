"""Measure the front page and an article with npm's Lighthouse 12, as a phone sees them: `python -m tests.lighthouse`."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.pages import PAGES
from tests.site import CHROMIUM_FLAGS, chromium, running_site

LIGHTHOUSE = "lighthouse@12"
NAMES = ("front", "article")
LEAST = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
RUNS = 3


def measure(url: str) -> dict[str, object]:
    """Return Lighthouse's report on an address."""
    npx = shutil.which("npx")
    if npx is None:
        sys.exit("Lighthouse needs npm: please install Node.js.")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        flags = " ".join(["--headless=new", *CHROMIUM_FLAGS])
        command = [npx, "--yes", LIGHTHOUSE, url, "--output=json", f"--output-path={out}", f"--chrome-flags={flags}", "--quiet"]
        # Now and then Chromium loses the beginning of its own trace; Lighthouse then asks to be run again.
        environment = os.environ | {"CHROME_PATH": chromium()}
        if subprocess.run(command, env=environment, check=False).returncode:
            subprocess.run(command, env=environment, check=True)
        report: dict[str, object] = json.loads(out.read_text())
        return report


def scores_of(report: dict[str, object]) -> dict[str, int]:
    """Return the scores of a report out of a hundred."""
    return {name: round(category["score"] * 100) for name, category in report["categories"].items()}  # type: ignore[attr-defined]


def losses_of(report: dict[str, object]) -> list[str]:
    """Return what cost points: audits that count and are not full."""
    weighed = {ref["id"] for category in report["categories"].values() for ref in category["auditRefs"] if ref["weight"]}  # type: ignore[attr-defined]
    audits = (report["audits"][name] for name in sorted(weighed))  # type: ignore[index]
    return [f"{audit['score']:.2f} {audit['title']} {audit.get('displayValue', '')}" for audit in audits if audit["score"] not in (None, 1)]


def is_good(url: str) -> bool:
    """Print the best of some runs, because other work on the machine only ever costs, and say whether it is enough."""
    best = max((measure(url) for _ in range(RUNS)), key=lambda report: sum(scores_of(report).values()))
    scores = scores_of(best)
    print(url, ", ".join(f"{name} {score}" for name, score in scores.items()))
    print("".join(f"  {loss}\n" for loss in losses_of(best)), end="")
    return all(scores[name] >= least for name, least in LEAST.items())


def are_good(site_url: str) -> int:
    """Measure the pages, every one, and return the exit code."""
    results = [is_good(site_url + PAGES[name]) for name in NAMES]
    return 0 if all(results) else 1


def main() -> None:
    """Measure a site of our own, or the one at the address on the command line; exit 1 if a score is too low."""
    if len(sys.argv) > 1:
        sys.exit(are_good(sys.argv[1]))
    with running_site() as site:
        code = are_good(site.url)
    sys.exit(code)


if __name__ == "__main__":
    main()
