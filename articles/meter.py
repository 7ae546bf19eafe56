"""The meter: so many metered articles a calendar month, opened one by one by the reader's own act.

Opened again, an article costs nothing. Who has an account has rows; who has none has a signed cookie that names the articles, and
a count behind it (`articles.models.AnonymousMeter`).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.client_address import network_of
from accounts.models import User
from articles.models import AnonymousMeter, Article, MeteredRead, MeterNetwork, PaywallSettings

if TYPE_CHECKING:
    from articles.access import Reader

COOKIE = "masthead_reads"
SALT = "articles.meter.reads"
# What a browser keeps of one cookie (4 KB) is more than twice this many articles.
MAX_COOKIE_ARTICLES = 150
MAX_PIPS = 12
KEPT_PERIODS_DAYS = 62


class Refusal(StrEnum):
    """Why the meter opens nothing."""

    USED_UP = "used up"
    NETWORK = "network"


class MeterRefused(Exception):  # noqa: N818 - reads as what happened
    """The meter opens nothing more to this reader now."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Reads:
    """What a browser opened this month, as its cookie tells: newest last; with the account it was last signed in to, if any."""

    period: date
    article_ids: tuple[int, ...] = ()
    key: str = ""
    owner_id: int | None = None

    def plus(self, *article_ids: int) -> "Reads":
        """Return these reads with more articles, each once."""
        return replace(self, article_ids=tuple(dict.fromkeys((*self.article_ids, *article_ids)))[-MAX_COOKIE_ARTICLES:])


@dataclass(frozen=True, slots=True)
class Meter:
    """What a reader has left this month."""

    allowance: int
    spent: int
    resets_on: date
    more_with_account: int = 0

    @property
    def remaining(self) -> int:
        """Return how many more articles open."""
        return max(0, self.allowance - self.spent)

    @property
    def pips(self) -> list[bool]:
        """Return a mark for each read of the allowance, whether it is left; none where they would be too many to count."""
        return [number < self.remaining for number in range(self.allowance)] if self.allowance <= MAX_PIPS else []


def period_at(moment: datetime | None = None) -> date:
    """Return the first day of the calendar month of a moment (now, unless told), in the site's zone."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date().replace(day=1)


def next_period(period: date) -> date:
    """Return the first day of the month after."""
    return (period + timedelta(days=31)).replace(day=1)


def meter_of(reader: "Reader") -> Meter:
    """Return what a reader has left."""
    paywall = PaywallSettings.load()
    allowance = paywall.registered_allowance if reader.is_known else paywall.anonymous_allowance
    spent = len(reader.unlocked)
    more_with_account = 0 if reader.is_known else max(0, paywall.registered_allowance - spent)
    return Meter(allowance, spent, next_period(period_at()), more_with_account)


def opened_by(user: User) -> frozenset[int]:
    """Return the ids of the articles that somebody with an account opened this month."""
    return frozenset(MeteredRead.objects.filter(user=user, period=period_at()).values_list("article_id", flat=True))


@transaction.atomic
def unlock_for(user: User, article: Article) -> None:
    """Open an article to somebody with an account. Raises MeterRefused when their month is used up."""
    period = period_at()
    # The lock makes those who ask at the same time count each other.
    User.objects.select_for_update().get(pk=user.pk)
    opened = MeteredRead.objects.filter(user=user, period=period)
    if opened.filter(article=article).exists():
        return
    if opened.count() >= PaywallSettings.load().registered_allowance:
        raise MeterRefused(Refusal.USED_UP)
    MeteredRead.objects.create(user=user, article=article, period=period)


@transaction.atomic
def unlock_anonymously(article: Article, reads: Reads, *, address: str) -> Reads:
    """Open an article to a browser without an account, and return its reads for the cookie.

    Raises MeterRefused when its month is used up, or when its network began too many meters today.
    """
    if article.pk in reads.article_ids:
        return reads
    allowance = PaywallSettings.load().anonymous_allowance
    if len(reads.article_ids) >= allowance:
        raise MeterRefused(Refusal.USED_UP)
    key = reads.key or _begin_meter(address, reads.period)
    meter = AnonymousMeter.objects.filter(key=key, period=reads.period, spent__lt=allowance)
    if not meter.update(spent=F("spent") + 1):
        raise MeterRefused(Refusal.USED_UP)
    return replace(reads, key=key).plus(article.pk)


@transaction.atomic
def merge_reads(user: User, reads: Reads) -> None:
    """Count what a browser opened before its reader signed in; what another account opened there isn't theirs."""
    if not reads.article_ids or reads.owner_id not in (None, user.pk):
        return
    User.objects.select_for_update().get(pk=user.pk)
    known = Article.objects.filter(pk__in=reads.article_ids).values_list("pk", flat=True)
    MeteredRead.objects.bulk_create(
        [MeteredRead(user=user, article_id=pk, period=reads.period) for pk in known], ignore_conflicts=True
    )  # fmt: skip


def clear_old_meters() -> None:
    """Forget what was counted before last month."""
    before = timezone.localdate() - timedelta(days=KEPT_PERIODS_DAYS)
    MeteredRead.objects.filter(period__lt=before).delete()
    AnonymousMeter.objects.filter(period__lt=before).delete()
    MeterNetwork.objects.filter(day__lt=timezone.localdate() - timedelta(days=1)).delete()


def _begin_meter(address: str, period: date) -> str:
    """Begin a meter for a browser that has none. Raises MeterRefused when its network began too many today."""
    day = timezone.localdate(timezone=timezone.get_default_timezone())
    network, _ = MeterNetwork.objects.get_or_create(network=network_of(address, day), day=day)
    limit = PaywallSettings.load().new_meters_per_network
    if not MeterNetwork.objects.filter(pk=network.pk, meters__lt=limit).update(meters=F("meters") + 1):
        raise MeterRefused(Refusal.NETWORK)
    return str(AnonymousMeter.objects.create(period=period).pk)


# The cookie ------------------------------------------------------------------------------------------------------


def reads_of(request: HttpRequest) -> Reads:
    """Return what a browser opened this month; a cookie that isn't ours, is broken or of another month tells nothing."""
    nothing = Reads(period_at())
    if not (cookie := request.COOKIES.get(COOKIE)):
        return nothing
    try:
        told = signing.loads(cookie, salt=SALT)
        reads = Reads(date.fromisoformat(told["p"]), tuple(map(int, told["a"])), str(told["k"]), told["u"])
    except (signing.BadSignature, ValueError, TypeError, KeyError):
        return nothing
    return reads if reads.period == nothing.period else nothing


def keep_reads(response: HttpResponse, reads: Reads) -> None:
    """Give a browser its reads to keep, until the month ends."""
    told = {"p": reads.period.isoformat(), "a": reads.article_ids, "k": reads.key, "u": reads.owner_id}
    end = next_period(reads.period)
    ends_at = timezone.make_aware(datetime(end.year, end.month, end.day), timezone.get_default_timezone())
    response.set_cookie(
        COOKIE,
        signing.dumps(told, salt=SALT),
        max_age=max(0, int((ends_at - timezone.now()).total_seconds())),
        httponly=True,
        samesite="Lax",
        secure=settings.SITE_IS_SECURE,
    )


def merge_at_sign_in(request: HttpRequest, user: User, response: HttpResponse | None = None, **kwargs: object) -> None:
    """Receive allauth's `user_logged_in`: count what this browser opened before, and note whose it is now."""
    reads = reads_of(request)
    merge_reads(user, reads)
    if response is not None and reads.article_ids and reads.owner_id is None:
        keep_reads(response, replace(reads, owner_id=user.pk))
