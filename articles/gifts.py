"""Give single articles away: make a link, open it, take it back."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User
from articles import tiers
from articles.meter import period_at
from articles.models import Article, GiftLink, PaywallSettings
from articles.models.access_levels import Access
from articles.models.gifts import GIFT_DAYS
from billing.entitlements import entitlement_of
from magazine.tokens import hash_of

COOKIE = "masthead_gifts"
SALT = "articles.gifts.opened"
# The newest of one browser; a cookie has to stay small.
MAX_OPENED = 50
TOKEN_BYTES = 24
WORTH_GIVING = (Access.METERED, Access.PREMIUM)


class GiftRefused(Exception):  # noqa: N818 - reads as what happened
    """Nothing can be given away by this person now."""


def may_give(user: User) -> bool:
    """Say whether a person may give articles away: subscribers and the newsroom may."""
    return user.is_staff or entitlement_of(user).opens_everything


def may_give_this(user: User, article: Article) -> bool:
    """Say whether a person may give an article away: one that is open to themselves by what they pay."""
    return user.is_staff or tiers.opens(entitlement_of(user), article.section_id)


def can_be_given(article: Article) -> bool:
    """Say whether there is anything to give: a public article that not everybody may read."""
    return article.is_published and article.access_now in WORTH_GIVING


def gifts_left(user: User) -> int | None:
    """Return how many gifts a person may make this month; None for as many as they like."""
    if user.is_staff:
        return None
    month = period_at()
    begins = timezone.make_aware(datetime(month.year, month.month, 1), timezone.get_default_timezone())
    made = GiftLink.objects.filter(giver=user, created_at__gte=begins).count()
    return max(0, PaywallSettings.load().gifts_a_month - made)


@transaction.atomic
def make_gift(user: User, article: Article) -> tuple[GiftLink, str]:
    """Make a link that opens an article; returns it with its token, which is told this once. Raises GiftRefused."""
    # The lock makes gifts made at the same time count each other.
    user = User.objects.select_for_update().get(pk=user.pk)
    if not may_give_this(user, article) or not can_be_given(article) or gifts_left(user) == 0:
        raise GiftRefused
    token = secrets.token_urlsafe(TOKEN_BYTES)
    gift = GiftLink.objects.create(giver=user, article=article, token_hash=hash_of(token), max_opens=PaywallSettings.load().gift_opens)
    return gift, token


def open_gift(gift: GiftLink) -> bool:
    """Count one more browser that opens a gift; False when it can't be opened any more."""
    return bool(GiftLink.objects.filter(pk=gift.pk).in_force().unspent().update(opens=F("opens") + 1))


def revoke_gift(gift: GiftLink) -> None:
    """Take a gift back; it closes for those, too, who opened it."""
    GiftLink.objects.filter(pk=gift.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


# The cookie ------------------------------------------------------------------------------------------------------


def opened_in(request: HttpRequest) -> list[int]:
    """Return the ids of the gifts that a browser opened, newest last; a cookie that isn't ours tells nothing."""
    if not (cookie := request.COOKIES.get(COOKIE)):
        return []
    try:
        return [int(pk) for pk in signing.loads(cookie, salt=SALT, max_age=timedelta(days=GIFT_DAYS))]
    except (signing.BadSignature, ValueError, TypeError):
        return []


def keep_opened(request: HttpRequest, response: HttpResponse, gift: GiftLink) -> None:
    """Give a browser one more gift to keep."""
    opened = [*(pk for pk in opened_in(request) if pk != gift.pk), gift.pk][-MAX_OPENED:]
    response.set_cookie(
        COOKIE,
        signing.dumps(opened, salt=SALT),
        max_age=timedelta(days=GIFT_DAYS),
        httponly=True,
        samesite="Lax",
        secure=settings.SITE_IS_SECURE,
    )


def given_to(request: HttpRequest) -> frozenset[int]:
    """Return the ids of the articles that gifts open in this browser now; no query without its cookie."""
    opened = opened_in(request)
    return frozenset(GiftLink.objects.in_force().filter(pk__in=opened).values_list("article_id", flat=True)) if opened else frozenset()
