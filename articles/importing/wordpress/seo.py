"""Read what the common plugins for search engines keep beside an article."""

import re
from dataclasses import dataclass

from articles.importing.wordpress.addresses import is_of_site
from articles.importing.wordpress.content import unserialised
from articles.importing.wordpress.parsing import plain
from articles.importing.wordpress.records import Item, Site

TITLES = ("_yoast_wpseo_title", "rank_math_title", "_aioseo_title", "_aioseop_title", "_seopress_titles_title", "_genesis_title")
DESCRIPTIONS = (
    "_yoast_wpseo_metadesc",
    "rank_math_description",
    "_aioseo_description",
    "_aioseop_description",
    "_seopress_titles_desc",
    "_genesis_description",
)
SOCIAL_TITLES = ("_yoast_wpseo_opengraph-title", "rank_math_facebook_title", "_aioseo_og_title", "_seopress_social_fb_title")
SOCIAL_DESCRIPTIONS = (
    "_yoast_wpseo_opengraph-description",
    "rank_math_facebook_description",
    "_aioseo_og_description",
    "_seopress_social_fb_desc",
)
CANONICALS = ("_yoast_wpseo_canonical", "rank_math_canonical_url", "_seopress_robots_canonical", "_genesis_canonical_uri")
HIDDEN = ("_yoast_wpseo_meta-robots-noindex", "_seopress_robots_index", "_genesis_noindex")
# `%%title%%` of Yoast, `%title%` of Rank Math, `#post_title` of All in One.
TITLE_VARIABLE = re.compile(r"%%title%%|%title%|#post_title")
VARIABLE = re.compile(r"%%[\w-]+%%|%[a-z_]+(?:\([^)]*\))?%|#(?:site_title|separator_sa|post_\w+|tagline)")


@dataclass(frozen=True, slots=True)
class SearchFields:
    """The fields of an article that search engines and social media see."""

    seo_title: str
    seo_description: str
    social_title: str
    social_description: str
    canonical_url: str
    is_hidden_from_search_engines: bool


def search_fields(item: Item, site: Site, title: str) -> SearchFields:
    """Return the fields, with the plugins' variables resolved; a canonical address on the old site itself says nothing."""
    canonical = _first(item, CANONICALS)
    is_elsewhere = canonical.startswith(("http://", "https://")) and len(canonical) <= 500 and not is_of_site(canonical, site)
    hides = any(item.meta_value(key) in ("1", "yes") for key in HIDDEN)
    return SearchFields(
        seo_title=_resolved(_first(item, TITLES), title, 160),
        seo_description=_resolved(_first(item, DESCRIPTIONS), title, 320),
        social_title=_resolved(_first(item, SOCIAL_TITLES), title, 160),
        social_description=_resolved(_first(item, SOCIAL_DESCRIPTIONS), title, 320),
        canonical_url=canonical if is_elsewhere else "",
        is_hidden_from_search_engines=hides or "noindex" in unserialised(item.meta_value("rank_math_robots")).values(),
    )


def _first(item: Item, keys: tuple[str, ...]) -> str:
    return next((value for key in keys if (value := item.meta_value(key))), "")


def _resolved(text: str, title: str, length: int) -> str:
    """Return a text with its variables resolved; empty when it says no more than the title."""
    resolved = VARIABLE.sub("", TITLE_VARIABLE.sub(lambda found: title, text))
    resolved = plain(resolved).strip(" -–—|·:")
    return "" if resolved == title else resolved[:length]
