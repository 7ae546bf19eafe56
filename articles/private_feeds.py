"""A feed of one's own, with the whole of what its reader may read; whoever knows its address reads it."""

import secrets
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.client_address import network_of
from accounts.models import User
from articles.meter import KEPT_PERIODS_DAYS, period_at
from articles.models import PrivateFeed, PrivateFeedNetwork
from magazine.tokens import hash_of

TOKEN_BYTES = 24
# More networks than anybody travels through; what is beyond needs no counting.
MAX_NETWORKS = 200
# Home, work, a phone and some journeys are fewer in a month; a feed reader that runs elsewhere adds its own.
MANY_NETWORKS = 12


def make_address(user: User) -> str:
    """Give a reader's feed a new address, so that the one before leads nowhere; returns its token, which is told this once."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed, _ = PrivateFeed.objects.update_or_create(user=user, defaults={"token_hash": hash_of(token), "made_at": timezone.now()})
    feed.networks.all().delete()
    return token


def stop_feed(user: User) -> None:
    """Take a reader's feed away."""
    PrivateFeed.objects.filter(user=user).delete()


def feed_at(token: str) -> PrivateFeed | None:
    """Return the feed of a token whose reader still has an account."""
    return PrivateFeed.objects.filter(token_hash=hash_of(token), user__is_active=True).select_related("user").first()


def note_network(feed: PrivateFeed, address: str) -> None:
    """Remember that a network read a feed, so that an address that was passed around shows in the newsroom."""
    period = period_at()
    networks = PrivateFeedNetwork.objects.filter(feed=feed, period=period)
    network = network_of(address, period)
    known = set(networks.values_list("network", flat=True)[:MAX_NETWORKS])
    if network not in known and len(known) < MAX_NETWORKS:
        PrivateFeedNetwork.objects.bulk_create([PrivateFeedNetwork(feed=feed, network=network, period=period)], ignore_conflicts=True)


def feeds_with_networks() -> QuerySet[Any]:
    """Return the feeds with the number of networks that read them this month, as `network_count`."""
    return PrivateFeed.objects.annotate(network_count=Count("networks", filter=Q(networks__period=period_at())))


def feeds_read_by_many() -> QuerySet[Any]:
    """Return the feeds whose address seems to have been passed around."""
    return feeds_with_networks().filter(network_count__gte=MANY_NETWORKS)


def clear_old_networks() -> None:
    """Forget which networks read before last month."""
    PrivateFeedNetwork.objects.filter(period__lt=timezone.localdate() - timedelta(days=KEPT_PERIODS_DAYS)).delete()
