"""Readers whom no cookie tells: from where they ask, they are somebody."""

from collections.abc import Mapping
from typing import Any

from articles.crawlers import is_verified_crawler
from articles.institutions import is_personal_address


def is_known_reader(environ: Mapping[str, Any]) -> bool:
    """Say whether a request must be answered for its reader alone; for the page cache, before Django."""
    return is_personal_address(environ) or is_verified_crawler(environ)
