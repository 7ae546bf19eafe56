"""Add synthetic content in bulk."""

import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand


def amount(text: str) -> int:
    """Return a number of rows, written as 100000 or 100_000. Raises ArgumentTypeError for anything else."""
    if not text.replace("_", "").isdecimal():
        raise ArgumentTypeError(f"{text} is no number")
    return int(text)


class Command(BaseCommand):
    """Add articles, comments, readers and subscribers for load and scale tests."""

    help = "Add synthetic content for load and scale tests. What is there stays; a second run adds more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in ("articles", "comments", "readers", "subscribers"):
            parser.add_argument(f"--{name}", type=amount, default=0, metavar="N")
        parser.add_argument("--seed", type=int, default=1, help="the same seed adds the same content (default: 1)")
        parser.add_argument("--force", action="store_true", help="even on a site that others can reach")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add what was asked for, and say how fast."""
        from demo import seeding

        if not (settings.SANDBOX or options["force"]):
            raise CommandError("This site is no sandbox. Made-up articles and readers don't belong here; --force adds them anyway.")
        shared = {"random": Random(options["seed"]), "until": seeding.now()}  # noqa: S311 - made-up content
        kinds: dict[str, Callable[..., int]] = {
            "articles": seeding.seed_articles,
            "comments": seeding.seed_comments,
            "readers": partial(seeding.seed_readers, subscribe=False),
            "subscribers": partial(seeding.seed_readers, subscribe=True),
        }
        for name, add in kinds.items():
            if options[name]:
                started = time.perf_counter()
                rows = add(options[name], **shared)
                seconds = time.perf_counter() - started
                self.stdout.write(f"{options[name]:,} {name}: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} rows a second")
        seeding.refresh_statistics()
