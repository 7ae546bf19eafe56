"""Spend one read of the meter."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from accounts.client_address import client_address
from articles import meter
from articles.access import Reader, decide
from articles.models import Article
from articles.models.access_levels import Access
from billing.entitlements import lowest_price
from magazine.public_pages import require_same_origin, signed_in_user


@require_POST
@require_same_origin
def unlock(request: HttpRequest, slug: str) -> HttpResponse:
    """Open a metered article for the rest of the month, and lead back to it; only what the meter opens is counted."""
    article = get_object_or_404(Article.objects.published(), slug=slug)
    response = HttpResponseRedirect(article.get_absolute_url(), status=303)
    reader = Reader.of(request)
    is_asked_ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
    if is_asked_ahead or decide(article, reader).is_full or article.access_now != Access.METERED:
        return response
    try:
        meter.keep_reads(response, _open(request, article))
    except meter.MeterRefused as refused:
        is_used_up = refused.why == meter.Refusal.USED_UP
        context = {"article": article, "is_used_up": is_used_up, "meter": meter.meter_of(reader), "price": lowest_price()}
        return render(request, "articles/meter_closed.html", context, status=403)
    return response


def _open(request: HttpRequest, article: Article) -> meter.Reads:
    """Open an article to whoever asks, and return what their browser keeps, so that signing out gives no second allowance."""
    reads, user = meter.reads_of(request), signed_in_user(request)
    if user is None:
        return meter.unlock_anonymously(article, reads, address=client_address(request))
    meter.unlock_for(user, article)
    if reads.owner_id not in (None, user.pk):
        return reads
    return replace(reads, owner_id=user.pk).plus(article.pk)
