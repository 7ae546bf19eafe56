"""The speed report: article and front page against a bare Django view, in one run on one machine. `make bench` calls this."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

from config.management.commands.quickstart import WEB_THREADS, WEB_WORKERS
from tests.bench_load import CONNECTIONS, Load, generator, measure
from tests.services import free_port, wait_for_port
from tests.site import ROOT, Site, running_site

SEEDED_ARTICLES = 300
RENDERINGS = 30
# A year of billing is lived through by so many readers, in magazines of their own so that the processors share them.
MAGAZINES, READERS_EACH = 20, 25
# A cookie of ours makes the page cache step aside, and this one opens no session: what a miss costs.
COLD = {"Cookie": "masthead_cold=1"}
# A page loads these before it is complete; pictures and fonts differ from page to page.
ASSET = re.compile(r'<link rel="stylesheet" href="([^"]+)"|<script[^>]* src="([^"]+)"')
IMPORTED = re.compile(r"""(?:from|import)\s*["'](\.[^"']+)["']""")


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a page costs when nothing is kept."""

    milliseconds: float
    queries: int


@dataclass(frozen=True, slots=True)
class Wire:
    """Compressed bytes: the page, its style sheets, its scripts."""

    html: int
    css: int
    js: int


def main() -> None:
    """Measure, and print the report."""
    with running_site() as site, bare_view() as bare_url:
        address = prepare(site)
        pages = {"front page": f"{site.url}/", "article": site.url + address}
        bare = measure(bare_url)
        loads = {"bare Django view": bare}
        for name, url in pages.items():
            loads[f"{name}, kept"] = measure(url)
            loads[f"{name}, rendered"] = measure(url, **COLD)
        report(loads, bare)
        print()
        for name, url in pages.items():
            rendering, wire = render(site, urlsplit(url).path), weigh(url)
            print(
                f"{name}: rendering {rendering.milliseconds:.1f} ms, {rendering.queries} queries; over the wire "
                f"{wire.html:,} bytes of HTML, {wire.css:,} of CSS, {wire.js:,} of JavaScript"
            )
    live_a_year()


def live_a_year() -> None:
    """Let five hundred readers pay, fail and quarrel for thirteen months, and print what happened; fails if access was ever wrong."""
    counts = {"YEAR_MAGAZINES": str(MAGAZINES), "YEAR_READERS": str(READERS_EACH), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-rP", "-n", str(os.cpu_count()), "tests/billing/test_year_in_the_life.py"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | counts, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout[-5000:] + done.stderr[-1000:])
    print("\nA year in the life: at every month's end the mirror and access were as they should be")
    print("\n".join(sorted(set(re.findall(r"^\d+ readers, .*$", done.stdout, re.MULTILINE)))))
    print(f"{MAGAZINES * READERS_EACH} readers in {time.monotonic() - started:,.0f} s")


def report(loads: dict[str, Load], bare: Load) -> None:
    """Print what the servers bore, in requests a second and as ratios to the bare view."""
    print(f"{os.cpu_count()} processors, {WEB_WORKERS} workers of {WEB_THREADS} threads, {CONNECTIONS} connections, asked by {generator()}")
    print(f"\n{'':24}{'requests/s':>12}{'ratio':>9}{'p50 ms':>10}{'p99 ms':>10}")
    for name, load in loads.items():
        print(f"{name:24}{load.per_second:12,.0f}{load.per_second / bare.per_second:9.3f}{load.p50:10.2f}{load.p99:10.2f}")


def prepare(site: Site) -> str:
    """Seed the site, and return the address of the article to measure: a long one, free to read."""
    in_site(site, "manage.py", "seed", "--articles", str(SEEDED_ARTICLES))
    found = in_site(
        site,
        "-c",
        "import django; django.setup()\n"
        "from articles.models import Article\n"
        "found = Article.objects.published().filter(source_id__startswith='seed:', effective_access='free')\n"
        "print(found.order_by('-words', 'pk')[0].get_absolute_url())",
    )
    return found.splitlines()[-1]


def render(site: Site, address: str) -> Rendering:
    """Render a page in a process of its own, without a server, and return the median."""
    script = f"""
import statistics, time, django
django.setup()
from django.db import connection
from django.test import Client
client, times, queries = Client(headers={{"host": "localhost"}}), [], []
client.get({address!r})
def count(execute, *query):
    queries.append(query)
    return execute(*query)
for _ in range({RENDERINGS}):
    started = time.process_time()
    assert client.get({address!r}).status_code == 200
    times.append(time.process_time() - started)
with connection.execute_wrapper(count):
    client.get({address!r})
print(statistics.median(times) * 1000, len(queries))
"""
    milliseconds, queries = in_site(site, "-c", script).splitlines()[-1].split()
    return Rendering(float(milliseconds), int(queries))


def in_site(site: Site, *arguments: str) -> str:
    """Run Python with the settings of a running site, and return what it printed."""
    settings = {"VAR_DIR": str(site.folder / "var"), "SANDBOX": "on", "SITE_URL": site.url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def weigh(url: str) -> Wire:
    """Return what a page weighs with its style sheets and scripts, those that scripts import included."""
    html = fetch(url)
    css = [urljoin(url, style) for style, _script in ASSET.findall(html[1]) if style]
    scripts = [urljoin(url, script) for _style, script in ASSET.findall(html[1]) if script]
    for script in scripts:
        scripts += [found for name in IMPORTED.findall(fetch(script)[1]) if (found := urljoin(script, name)) not in scripts]
    return Wire(html[0], sum(fetch(style)[0] for style in css), sum(fetch(script)[0] for script in scripts))


def fetch(url: str) -> tuple[int, str]:
    """Return the compressed size of a file, and its text."""
    with urlopen(Request(url, headers={"Accept-Encoding": "br"}), timeout=10) as answer:
        size = len(answer.read())
    with urlopen(Request(url, headers={"Accept-Encoding": "identity"}), timeout=10) as answer:
        return size, answer.read().decode()


@contextmanager
def bare_view() -> Iterator[str]:
    """Run the bare view as the quickstart runs the site; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    command += ["--workers", WEB_WORKERS, "--blocking-threads", WEB_THREADS, "--no-ws", "tests.bare_view:application"]
    process = subprocess.Popen(command, cwd=Path(ROOT))
    try:
        wait_for_port(port, process)
        time.sleep(1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
