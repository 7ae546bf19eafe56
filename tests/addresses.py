"""Every address of the site with a sample of each, from the URL conf: an address without a sample fails the tests."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, get_resolver

# Behind a sign-in or made by libraries: any value will do for their parameters.
FILLED_BY_RULE = ("admin/", "accounts/")
# Where a gated article (slug `gated`), one that isn't public (`withheld`), their lists and letters can be met. Keys are routes.
SAMPLES: dict[str, list[str]] = {
    "media/<path:path>": ["/media/none.jpg"],
    r"^theme-(?P<accent>[0-9a-f]{6})-(?P<version>[0-9a-f]{8})\.css$": ["/theme-c2311c-00000000.css"],
    r"^icon-(?P<version>[0-9a-f]{8})\.svg$": ["/icon-00000000.svg"],
    "subscribe/students/<int:price>/checkout/": ["/subscribe/students/1/checkout/"],
    "subscribe/<slug:plan>/checkout/": ["/subscribe/none/checkout/"],
    "account/billing/change/<int:price>/": ["/account/billing/change/1/"],
    "subscribe/gift/<str:token>/": ["/subscribe/gift/none/"],
    "account/contributions/<int:pk>/stop/": ["/account/contributions/1/stop/"],
    "account/gift-subscriptions/<int:pk>/link/": ["/account/gift-subscriptions/1/link/"],
    "subscribe/group/<str:token>/": ["/subscribe/group/none/"],
    "account/group/<int:pk>/": ["/account/group/1/"],
    "account/group/<int:pk>/heir/": ["/account/group/1/heir/"],
    "account/group/<int:pk>/invitations/<int:number>/": ["/account/group/1/invitations/1/"],
    "account/group/<int:pk>/invite/": ["/account/group/1/invite/"],
    "account/group/<int:pk>/join/": ["/account/group/1/join/"],
    "account/group/<int:pk>/leave/": ["/account/group/1/leave/"],
    "account/group/<int:pk>/link/": ["/account/group/1/link/"],
    "account/group/<int:pk>/members/<int:number>/": ["/account/group/1/members/1/"],
    "account/group/<int:pk>/order/": ["/account/group/1/order/"],
    "account/group/<int:pk>/renewal/": ["/account/group/1/renewal/"],
    "account/group/<int:pk>/seats/": ["/account/group/1/seats/"],
    "account/group/<int:pk>/settings/": ["/account/group/1/settings/"],
    "newsletters/confirm/<str:token>/": ["/newsletters/confirm/none/"],
    "newsletters/preferences/<str:token>/": ["/newsletters/preferences/none/"],
    "newsletters/unsubscribe/<str:token>/": ["/newsletters/unsubscribe/none/"],
    "newsletters/<slug:slug>/": ["/newsletters/letter/"],
    "newsletters/<slug:slug>/asked/": ["/newsletters/letter/asked/"],
    "newsletters/<slug:slug>/<slug:issue_slug>/": ["/newsletters/letter/sent/", "/newsletters/letter/unsent/"],
    "<uslug:slug>/comments/": ["/gated/comments/", "/withheld/comments/"],
    "category/<slug:slug>/": ["/category/street/"],
    "category/<slug:slug>/feed/": ["/category/street/feed/"],
    "tag/<slug:slug>/": ["/tag/food/"],
    "tag/<slug:slug>/feed/": ["/tag/food/feed/"],
    "author/<slug:slug>/": ["/author/ana/"],
    "author/<slug:slug>/feed/": ["/author/ana/feed/"],
    "series/<slug:slug>/": ["/series/chapter/"],
    "series/<slug:slug>/feed/": ["/series/chapter/feed/"],
    "^archive/(?P<year>[0-9]{4})/$": ["/archive/2026/"],
    "^archive/(?P<year>[0-9]{4})/(?P<month>0[1-9]|1[0-2])/$": ["/archive/2026/05/"],
    "search/": ["/search/", "/search/?q=beginning", "/search/?q=beginning&sort=new"],
    r"^sitemap-articles-(?P<part>0|[1-9][0-9]{0,8})\.xml$": ["/sitemap-articles-0.xml"],
    "feed/private/<str:token>/": ["/feed/private/none/"],
    "gift/<str:token>/": ["/gift/none/"],
    "account/export/<str:token>/": ["/account/export/none/"],
    "account/gifts/<int:pk>/revoke/": ["/account/gifts/1/revoke/"],
    "<uslug:slug>/card.jpg": ["/gated/card.jpg", "/withheld/card.jpg"],
    "<uslug:slug>/unlock/": ["/gated/unlock/", "/gated-metered/unlock/", "/withheld/unlock/"],
    "files/<uuid:key>/<str:name>": ["/files/00000000-0000-4000-8000-000000000000/none.pdf"],
    "<uslug:slug>/save/": ["/gated/save/", "/withheld/save/"],
    "<uslug:slug>/": ["/gated/", "/withheld/", "/pointing/", "/revised/", "/once-gated/", "/once-withheld/"],
}


def routes() -> list[str]:
    """Return the route of every address of the site."""
    return sorted(set(_routes(get_resolver().url_patterns, "")))


def is_parametrised(route: str) -> bool:
    """Say whether a route stands for more than one address."""
    return bool(re.search(r"[<(^]", route))


def needs_sample(route: str) -> bool:
    """Say whether a route has to have a sample in SAMPLES."""
    return is_parametrised(route) and not route.startswith(FILLED_BY_RULE)


def samples_of(route: str) -> list[str]:
    """Return addresses of a route; raise KeyError for one that has no sample."""
    if route in SAMPLES:
        return SAMPLES[route]
    if not is_parametrised(route):
        return [f"/{route}"]
    if route.startswith(FILLED_BY_RULE):
        return ["/" + re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>|\(\?:.*?\)", "1", route).replace("^", "").replace("$", "").replace("\\", "")]
    raise KeyError(f"{route} is a new address: give it a sample in tests/addresses.py")


def all_samples() -> list[str]:
    """Return a sample of every address, those of the newsroom and of signing in left out."""
    return [sample for route in routes() if not route.startswith(FILLED_BY_RULE) for sample in samples_of(route)]


def _routes(patterns: list[object], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)  # type: ignore[attr-defined]
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _routes(pattern.url_patterns, route)  # type: ignore[attr-defined]
