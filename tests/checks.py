"""Run every check that needs no server, from format to deployment settings. `make check` calls this."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BIN = Path(sys.executable).parent
PYTHON = sys.executable
DEPLOYED = {
    "SITE_URL": "https://magazine.example",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "EMAIL_URL": "smtp://localhost",
    "STRIPE_SECRET_KEY": "rk_test_check",
    "STRIPE_WEBHOOK_SECRET": "whsec_check",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": "on",
    "SECURE_HSTS_PRELOAD": "on",
}
CHECKS: list[tuple[str, list[str | Path], dict[str, str]]] = [
    ("format", [BIN / "ruff", "format", "--check", "--quiet", "."], {}),
    ("lint", [BIN / "ruff", "check", "--quiet", "."], {}),
    ("types", [BIN / "mypy", "."], {"SANDBOX": "on"}),
    ("layers", [BIN / "lint-imports", "--no-cache"], {}),
    ("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
    (
        "templates",
        [BIN / "djade", "--check", "--target-version", "5.2", *sorted(str(path) for path in Path("templates").rglob("*.html"))],
        {},
    ),
    ("spelling", [BIN / "typos", "--quiet"], {}),
    ("deployment", [PYTHON, "-W", "ignore", "manage.py", "check", "--deploy", "--fail-level", "WARNING"], DEPLOYED),
]


def run(check: tuple[str, list[str | Path], dict[str, str]]) -> bool:
    """Run a check, say how it went and what a failing one says."""
    name, command, environment = check
    result = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
    is_green = result.returncode == 0
    print(f"{name:12} ok" if is_green else f"{name:12} FAILED\n{result.stdout}{result.stderr}", flush=True)
    return is_green


def main() -> None:
    """Run the checks side by side, and exit 1 if one failed."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(run, CHECKS))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
