"""Settings come from the environment, are documented, and are refused when unsafe."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOYED = {
    "SITE_URL": "https://magazine.example",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "EMAIL_URL": "smtp://localhost",
    "STRIPE_SECRET_KEY": "rk_test_check",
    "STRIPE_WEBHOOK_SECRET": "whsec_check",
}


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Start Django in a process of its own, with nothing in the environment but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    code = "import django; django.setup(); from django.conf import settings; print('SANDBOX', settings.SANDBOX)"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=kept | {"DJANGO_SETTINGS_MODULE": "config.settings"} | environment,
        capture_output=True,
        text=True,
    )


def test_a_start_without_any_setting_stops_and_names_all_that_is_missing():
    result = start()
    assert result.returncode != 0
    for name in ("SECRET_KEY", "SITE_URL", "EMAIL_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
        assert name in result.stderr


def test_a_complete_configuration_starts():
    result = start(**DEPLOYED)
    assert result.returncode == 0, result.stderr
    assert "SANDBOX False" in result.stdout


def test_the_sandbox_is_refused_on_a_site_that_others_can_reach():
    result = start(**DEPLOYED, SANDBOX="on")
    assert result.returncode != 0
    assert "SANDBOX must be off" in result.stderr


def test_debug_is_refused_on_a_site_that_others_can_reach():
    result = start(**DEPLOYED, DEBUG="on")
    assert result.returncode != 0
    assert "DEBUG must be off" in result.stderr


def test_a_live_key_is_refused_in_the_sandbox():
    result = start(SANDBOX="on", STRIPE_SECRET_KEY="sk_live_123")
    assert result.returncode != 0
    assert "live key" in result.stderr


def test_a_secret_can_come_from_a_file(tmp_path):
    secret = tmp_path / "key"
    secret.write_text(DEPLOYED["SECRET_KEY"])
    settings = {name: value for name, value in DEPLOYED.items() if name != "SECRET_KEY"}
    result = start(**settings, SECRET_KEY_FILE=str(secret))
    assert result.returncode == 0, result.stderr


def test_every_variable_is_documented_and_every_documented_variable_is_read():
    source = (ROOT / "config/settings.py").read_text() + (ROOT / "config/environment.py").read_text()
    read = set(re.findall(r'\benv\.\w+\(\s*"([A-Z0-9_]+)"', source))
    rows = [line.split("|")[1] for line in (ROOT / "docs/settings.md").read_text().splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)}
    assert read == documented
