"""The configuration of nginx that comes with the site."""

import re
import subprocess
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from articles.crawlers import CRAWLERS
from articles.models import Institution, InstitutionNetwork
from magazine.public_pages import PERSONAL_COOKIE_PREFIX, PERSONAL_COOKIES
from tests.services import find

SHIPPED = Path(settings.BASE_DIR / "deploy/nginx.conf").read_text()


@pytest.fixture
def networks(db: None) -> str:
    """What the command writes for three institutions, one of which is over."""
    now = timezone.now()
    for network, ends_at in (
        ("192.0.2.0/24", None),
        ("2001:db8::/32", now + timedelta(days=9)),
        ("198.51.100.0/24", now - timedelta(days=1)),
    ):
        institution = Institution.objects.create(name=network, starts_at=now - timedelta(days=9), ends_at=ends_at)
        InstitutionNetwork.objects.create(institution=institution, network=network)
    Institution.objects.create(name="By address alone", starts_at=now)
    written = StringIO()
    call_command("institution_networks", stdout=written)
    return written.getvalue()


def test_the_command_names_the_networks_that_are_not_over(networks: str) -> None:
    assert networks.splitlines() == ["192.0.2.0/24 1;", "2001:db8::/32 1;"]


@pytest.mark.nginx
@pytest.mark.parametrize("has_institutions", [False, True])
def test_nginx_understands_what_we_ship(networks: str, tmp_path: Path, has_institutions: bool) -> None:
    (tmp_path / "masthead-networks.conf").write_text(networks)
    # Without certificates, and nothing outside the folder of the test.
    text = re.sub(r"(?m)^\s*ssl_certificate.*$", "", SHIPPED).replace(" ssl http2", "")
    if has_institutions:
        text = text.replace("# include", "include")
    for path in ("/etc/nginx", "/var/cache/nginx", "/var/log/nginx"):
        text = text.replace(path, str(tmp_path))
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(f"pid {tmp_path}/nginx.pid; error_log stderr; events {{}} http {{ {text} }}")
    checked = subprocess.run(
        [str(find("nginx")), "-t", "-p", str(tmp_path), "-c", str(configuration)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr


def test_it_knows_the_same_cookies_and_crawlers_as_the_site() -> None:
    cookies = re.search(r"\(\?!\.\*\(([^)]*)\)\)", SHIPPED)
    assert cookies is not None
    marks = cookies[1].split("|")
    assert PERSONAL_COOKIE_PREFIX in marks
    assert all(any(mark in name for mark in marks) for name in PERSONAL_COOKIES)
    agents = re.search(r'"~\*([a-z|]+)"\s+1;', SHIPPED)
    assert agents is not None and set(agents[1].split("|")) == set(CRAWLERS)


@pytest.mark.parametrize("directive", ["proxy_cache_bypass", "proxy_no_cache"])
def test_nobody_whom_the_site_may_know_gets_or_leaves_a_kept_page(directive: str) -> None:
    line = re.search(rf"{directive} (.*);", SHIPPED)
    assert line is not None
    assert line[1].split() == ["$masthead_somebody", "$masthead_institution", "$masthead_crawler"]
