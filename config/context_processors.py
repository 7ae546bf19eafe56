"""What every page needs to know: identity, sections, whether something is live, who reads."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import CharField, IntegerField, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Section
from billing.entitlements import entitlement_in
from magazine import theme
from magazine.models import Identity, SocialLink
from newsletters.models import Newsletter

CACHE_KEY = "masthead:frame"
CACHE_SECONDS = 60
LIVE_HOURS = 24
KINDS = ("section", "social", "page", "live", "letter")
# Columns of the union that a kind has not.
FIRST = Value(0, IntegerField())
NOTHING = Value("", CharField())
ADDRESSES = {
    "section": "articles:section",
    "page": "articles:article",
    "live": "articles:article",
    "letter": "newsletters:newsletter",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the frame; `detail` is the character of a section or the description of a letter."""

    name: str
    url: str
    slug: str = ""
    detail: str = ""

    @property
    def character(self) -> str:
        """Return the character of a section."""
        return self.detail

    def get_absolute_url(self) -> str:
        """Return the address, as models do."""
        return self.url


Frame = dict[str, list[Link]]


def masthead(request: HttpRequest) -> dict[str, Any]:
    """Give templates the magazine's identity, its sections and the signed-in reader."""
    identity = Identity.load()
    frame = load_frame()
    reader = reader_user(request)
    return {
        "identity": identity,
        "site_url": settings.SITE_URL,
        "reader_user": reader,
        # Called by the masthead alone: a fragment or a mail asks nothing.
        "is_subscriber": lambda: entitlement_in(request, reader).opens_everything,
        "navigation": frame["section"],
        "social_links": frame["social"],
        "footer_pages": frame["page"],
        "live_now": frame["live"][0] if frame["live"] else None,
        "has_live": bool(frame["live"]),
        "signup_letter": frame["letter"][0] if frame["letter"] else None,
        "theme_url": theme.stylesheet_url(identity.accent),
        "icon_url": reverse("magazine:icon", args=[theme.icon_version(identity)]),
        "manifest_url": reverse("magazine:manifest"),
    }


def reader_user(request: HttpRequest) -> User | None:
    """Return the signed-in user; without a session cookie it is nobody, and the session stays untouched."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not hasattr(request, "user") or not request.user.is_authenticated:
        return None
    return request.user


def load_frame() -> Frame:
    """Return the links of masthead and footer, from the cache when they are there."""
    frame = cache.get(CACHE_KEY)
    if frame is None:
        frame = read_frame()
        cache.set(CACHE_KEY, frame, CACHE_SECONDS)
    return frame


def forget_frame(**kwargs: object) -> None:
    """Forget the links; called when a section or a social link is saved or deleted."""
    cache.delete(CACHE_KEY)


def read_frame() -> Frame:
    """Read the links in one query: sections, social links and letters in their order, pages and live coverage by title."""

    published = Article.objects.published()
    live = published.filter(kind=Article.Kind.LIVE, published_at__gte=timezone.now() - timedelta(hours=LIVE_HOURS))
    letters = Newsletter.objects.filter(audience=Newsletter.Audience.EVERYONE)
    found = rows(Section.objects.in_navigation(), 0, "position", "name", "slug", "character").union(
        rows(SocialLink.objects.all(), 1, "position", "label", "url", NOTHING),
        rows(published.pages(), 2, FIRST, "title", "slug", NOTHING),
        rows(live, 3, FIRST, "title", "slug", NOTHING),
        rows(letters, 4, "position", "name", "slug", "description"),
        all=True,
    )
    frame: Frame = {kind: [] for kind in KINDS}
    for kind, _position, name, place, detail in sorted(found):
        frame[KINDS[kind]].append(link(KINDS[kind], name, place, detail))
    return frame


def rows(queryset: Any, kind: int, *columns: Any) -> Any:
    """Return a part of the union: the kind's number, then position, name, place and detail."""
    return queryset.order_by().values_list(Value(kind, IntegerField()), *columns)


def link(kind: str, name: str, place: str, detail: str) -> Link:
    """Make a link of a row: `place` is an address elsewhere or a slug here."""
    if kind == "social":
        return Link(name, place)
    return Link(name, reverse(ADDRESSES[kind], args=[place]), place, detail)
