"""The page of one article."""

import unicodedata
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles import meter, popularity
from articles.access import ANYBODY, Reader, decide
from articles.article_page import article_at, load_page
from articles.models import Article, PaywallSettings
from articles.models.access_levels import Access
from articles.nested import listed
from articles.social_cards import card_path, open_card
from articles.structured_data import describe_article
from billing.entitlements import lowest_price, plans_on_sale
from magazine.public_pages import public_page, signed_in_user

CARD_CACHE = "public, max-age=31536000, immutable"


@require_safe
@public_page
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article, brief, page or piece of live coverage: the whole or its preview, as the reader may read.

    For htmx the article alone, as "Continue reading" puts it below another; by the same decision.
    """
    user = signed_in_user(request)
    found = article_at(slug, user_id=user.pk if user else None)
    if found is None:
        return _one_address(slug)
    is_unpublished = not found.is_published
    if is_unpublished and not _may_preview(request, found):
        raise Http404
    reader = _reader(request)
    decision = decide(found, reader)
    context = {
        "page": load_page(found, decision),
        "article": found,
        "decision": decision,
        "body": found.body_for(decision),
        "notes": found.notes_for(decision),
        "is_unpublished": is_unpublished,
        "card_url": settings.SITE_URL + card_path(found),
        "site_url": settings.SITE_URL,
    }
    if not decision.is_full:
        context |= _wall(found, reader)
    response = _render(request, found, context)
    if not is_unpublished:
        popularity.note_request(request, found)
        # The page cache answers for us from here on, and counts by this.
        response.read_article_id = found.pk  # type: ignore[attr-defined]
    return response


@require_safe
@public_page
def card(request: HttpRequest, slug: str) -> HttpResponse:
    """Serve the picture that stands for an article on social media, drawn when it is first asked for."""
    found = article_at(slug)
    if found is None or not found.is_published:
        raise Http404
    response = HttpResponse(open_card(found), content_type="image/jpeg")
    response.headers["Cache-Control"] = CARD_CACHE
    return response


def _render(request: HttpRequest, found: Article, context: dict[str, object]) -> HttpResponse:
    if getattr(request, "htmx", False) and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "articles/_streamed.html", context)
    context["structured_data"] = describe_article(context["page"])  # type: ignore[arg-type]
    return render(request, "articles/page.html" if found.is_page else "articles/article.html", context)


def _wall(found: Any, reader: Reader) -> dict[str, object]:
    """Return what the block below a preview says: prices, and what the meter leaves of a metered article."""
    is_metered = found.access_now == Access.METERED
    paywall = PaywallSettings.load()
    call = found.call_to_action or (found.section and found.section.call_to_action) or paywall
    reserved_for = listed(found.opening_plans)
    price = lowest_price(reserved_for) if reserved_for else (lowest_price([call.plan.pk]) if call.plan else None) or lowest_price()
    return {
        "paywall": paywall,
        "call": call,
        "price": price,
        "opening_plans": plans_on_sale(reserved_for),
        "meter": meter.meter_of(reader) if is_metered else None,
    }


def _reader(request: HttpRequest) -> Reader:
    """Return who reads; an editor can look at the page with a stranger's eyes (`?as=anybody`)."""
    reader = Reader.of(request)
    return ANYBODY if reader.is_staff and request.GET.get("as") == "anybody" else reader


def _may_preview(request: HttpRequest, found: Article) -> bool:
    """Say whether somebody may see an article that isn't public: the newsroom may."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return request.user.is_active and request.user.is_staff and request.user.has_perm("articles.view_article")


def _one_address(slug: str) -> HttpResponse:
    """Lead another spelling of a slug to the article's one address. Raises Http404 when there is none."""
    plain = unicodedata.normalize("NFC", slug).lower()
    found = article_at(plain) if plain != slug else None
    if found is None or not found.is_published:
        raise Http404
    return HttpResponsePermanentRedirect(found.get_absolute_url())
