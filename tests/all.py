"""Run every test: all on SQLite, with Redis, what uses the database again on PostgreSQL, and in the browser. `make test` calls this."""

import os
import subprocess
import sys
import time

from tests.services import find, postgresql, redis_server, require

WORKERS = str(min(os.cpu_count() or 2, 4))
# A test that can't reach the database says the same on both.
AGAIN = "not browser and (database or postgresql or nginx)"


def run(title: str, *arguments: str, **environment: str) -> bool:
    """Run pytest once, and say how it went."""
    print(f"\n=== {title}", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", *arguments]
    is_green = subprocess.run(command, env=os.environ | environment).returncode == 0
    print(f"=== {title}: {'passed' if is_green else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
    return is_green


def main() -> None:
    """Start the servers, run the three rounds, and exit 1 if one failed."""
    require("initdb", "redis-server", "chromium", "nginx")
    extra = sys.argv[1:]
    with postgresql() as database_url, redis_server() as redis_url:
        servers = {"TEST_REDIS_URL": redis_url, "TEST_POSTGRESQL_URL": database_url, "CHROMIUM": find("chromium") or ""}
        rounds = [
            run("on SQLite", "-m", "not browser and not postgresql and not nginx", "-n", WORKERS, *extra, **servers),
            run("on PostgreSQL", "-m", AGAIN, "-n", WORKERS, *extra, DATABASE_URL=database_url, **servers),
            # Each worker has a site of its own; the tests of a file share more than that.
            run("in the browser", "-m", "browser", "-n", WORKERS, "--dist", "loadfile", *extra, **servers),
        ]
    sys.exit(0 if all(rounds) else 1)


if __name__ == "__main__":
    main()
