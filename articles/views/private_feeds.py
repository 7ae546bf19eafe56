"""The reader's own feed, and the page on which its address is made."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.client_address import client_address
from accounts.models import User
from articles import private_feeds
from articles.access import Reader
from articles.feeds import Channel, newest, write_rss
from articles.models import Article, PrivateFeed
from articles.revalidation import revalidated
from articles.views.feeds import RSS
from magazine.addresses import whole_address

NEW_ADDRESS = "new_feed_address"
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give the newest articles as RSS, each as far as the feed's reader may read it now."""
    found = private_feeds.feed_at(token)
    if found is None:
        response = render(request, "articles/private_feed_closed.html", status=404)
    else:
        private_feeds.note_network(found, client_address(request))
        articles = newest(Article.objects.published().in_the_flow())
        # Not its own address: what is passed on from a feed reader mustn't hold the token.
        channel = Channel(reverse("articles:front"), reverse("articles:feed"), articles, reader=Reader.from_user(found.user))
        with translation.override(settings.LANGUAGE_CODE):
            content = write_rss(channel, language=settings.LANGUAGE_CODE)
        response = revalidated(request, content, RSS)
    for name, value in PRIVATE.items():
        response.headers[name] = value
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def address(request: HttpRequest) -> HttpResponse:
    """Say what the feed is, and make its address, new each time and shown once."""
    user = cast(User, request.user)
    if request.method == "POST":
        token = private_feeds.make_address(user)
        request.session[NEW_ADDRESS] = whole_address("articles:private_feed", token)
        return redirect("articles:private_feed_address")
    new = request.session.pop(NEW_ADDRESS, "") if request.method == "GET" else ""
    context = {"feed": PrivateFeed.objects.filter(user=user).first(), "new": new, "reader": Reader.from_user(user)}
    return render(request, "articles/private_feed.html", context)


@require_POST
@never_cache
@login_required
def stop(request: HttpRequest) -> HttpResponse:
    """Take the feed away."""
    private_feeds.stop_feed(cast(User, request.user))
    messages.success(request, _("Your feed is stopped; its address leads nowhere now."))
    return redirect("articles:private_feed_address")
