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
from magazine import theme
from magazine.models import Identity, SocialLink

CACHE_KEY = "masthead:frame"
CACHE_SECONDS = 60
LIVE_HOURS = 24
KINDS = ("section", "social", "page", "live")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the frame; `slug` and `character` are those of a section."""

    name: str
    url: str
    slug: str = ""
    character: str = ""


Frame = dict[str, list[Link]]


def masthead(request: HttpRequest) -> dict[str, Any]:
    """Give templates the magazine's identity, its sections and the signed-in reader."""
    identity = Identity.load()
    frame = load_frame()
    return {
        "identity": identity,
        "site_url": settings.SITE_URL,
        "reader_user": reader_user(request),
        "navigation": frame["section"],
        "social_links": frame["social"],
        "footer_pages": frame["page"],
        "live_now": frame["live"][0] if frame["live"] else None,
        "has_live": bool(frame["live"]),
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
    """Read the links in one query: sections and social links in their order, pages by title, live coverage newest first."""

    def rows(queryset: Any, kind: int, name: str, place: str, position: str | None = None, character: str | None = None) -> Any:
        return queryset.order_by().values_list(
            Value(kind, IntegerField()),
            position or Value(0, IntegerField()),
            name,
            place,
            character or Value("", CharField()),
        )

    published = Article.objects.published()
    live_since = timezone.now() - timedelta(hours=LIVE_HOURS)
    sections = rows(Section.objects.in_navigation(), 0, "name", "slug", "position", "character")
    found = sections.union(
        rows(SocialLink.objects.all(), 1, "label", "url", "position"),
        rows(published.pages(), 2, "title", "slug"),
        rows(published.filter(kind=Article.Kind.LIVE, published_at__gte=live_since), 3, "title", "slug"),
        all=True,
    )
    frame: Frame = {kind: [] for kind in KINDS}
    for kind, _position, name, place, character in sorted(found):
        frame[KINDS[kind]].append(link(KINDS[kind], name, place, character))
    return frame


def link(kind: str, name: str, place: str, character: str) -> Link:
    """Make a link of a row: `place` is an address elsewhere or a slug here."""
    if kind == "social":
        return Link(name, place)
    if kind == "section":
        return Link(name, reverse("articles:section", args=[place]), place, character)
    return Link(name, reverse("articles:article", args=[place]), place)
