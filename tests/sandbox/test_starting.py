"""Starting: only beside a test key, only for this machine."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from sandbox.loopback import is_loopback_url
from sandbox.server import refuse_danger
from sandbox.testing import running_sandbox


@pytest.mark.parametrize("key", ["sk_live_abc", "rk_live_abc", "pk_live_abc"])
def test_a_live_key_stops_it(key: str):
    with pytest.raises(SystemExit, match="live Stripe key"):
        refuse_danger(site_url="http://localhost:8000", secret_key=key)


@pytest.mark.parametrize(
    "url",
    ["https://example.com", "http://localhost.example.com", "http://127.0.0.1@example.com", "http://0.0.0.0:1", "file:///x", ""],
)
def test_a_site_elsewhere_stops_it(url: str):
    with pytest.raises(SystemExit, match="on this machine only"):
        refuse_danger(site_url=url, secret_key="sk_test_local")


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "http://127.0.0.1:1", "https://127.8.8.8", "http://[::1]:8000/x", "http://a.localhost"]
)
def test_a_site_here_is_served(url: str):
    assert is_loopback_url(url)


def test_it_listens_on_the_loopback_alone(tmp_path: Path):
    with running_sandbox(tmp_path) as sandbox:
        assert sandbox._running.server.server_address[0] == "127.0.0.1"


def test_state_outlives_a_restart(tmp_path: Path):
    with running_sandbox(tmp_path) as sandbox:
        sandbox.advance(months=1)
        before = sandbox.account.now
    with running_sandbox(tmp_path) as sandbox:
        assert 0 <= sandbox.account.now - before < 30


def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path):
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--state", str(tmp_path), "--webhook-secret", "whsec_x"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "STRIPE_SECRET_KEY": "sk_test_local"}) as process:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        assert urlopen(f"{url}healthz", timeout=5).status == 200
        process.terminate()
        assert process.wait(10) == 0
    time.sleep(0.05)
    with pytest.raises(URLError):
        urlopen(f"{url}healthz", timeout=1)


def test_the_command_refuses_a_live_key(tmp_path: Path):
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--state", str(tmp_path), "--webhook-secret", "whsec_x"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "STRIPE_SECRET_KEY": "sk_live_x"})

    assert done.returncode == 1
    assert "live Stripe key" in done.stderr
