"""Take over the export of a WordPress site."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.importing.report import Report
from articles.importing.wordpress.drafting import Premium
from articles.importing.wordpress.running import Options, run_import
from articles.importing.wordpress.terms import term_slug
from comments.importing import keep_comments


class Command(BaseCommand):
    """Import WXR files; running it again changes nothing that hasn't changed."""

    help = "Imports the export of a WordPress site (WXR 1.0 to 1.2); several files at once, and again whenever you like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="exported files; those of one site belong together")
        parser.add_argument(
            "--premium-category", action="append", default=[], metavar="SLUG", help="articles of this category are for subscribers"
        )
        parser.add_argument("--premium-tag", action="append", default=[], metavar="SLUG", help="articles with this tag are for subscribers")
        parser.add_argument(
            "--media-dir", type=Path, metavar="DIR", help="the site's wp-content/uploads, or any folder that holds its files"
        )
        parser.add_argument("--download-media", action="store_true", help="fetch from the old site what --media-dir does not have")
        parser.add_argument("--dry-run", action="store_true", help="try it and write nothing")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the whole report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path | None = options["media_dir"]
        if folder is not None and not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        report = run_import(
            options["files"],
            Options(
                premium=Premium(frozenset(map(term_slug, options["premium_category"])), frozenset(map(term_slug, options["premium_tag"]))),
                media_folder=folder,
                may_download=options["download_media"],
                is_dry_run=options["dry_run"],
            ),
            keep_comments=keep_comments,
            tell=self.stderr.write if options["verbosity"] > 1 else lambda line: None,
        )
        self.stdout.write(report.as_text())
        self._write(report, options["report"])
        if not report.has_read_anything:
            raise CommandError("Nothing could be read: this is no WordPress export.")

    def _write(self, report: Report, path: Path | None) -> None:
        """Write the report as JSON."""
        if path is None:
            return
        try:
            path.write_text(json.dumps(report.as_dict(), ensure_ascii=False, indent=2), encoding="utf-8", errors="replace")
        except OSError as error:
            raise CommandError(f"The report can't be written to {path}: {error.strerror}.") from error
