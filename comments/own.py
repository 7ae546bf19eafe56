"""What a reader wrote, on a page of their own."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.views.account import signed_in
from comments.models import Comment

A_PAGE = 20


@require_GET
@never_cache
@login_required
def own_comments(request: HttpRequest) -> HttpResponse:
    """List what a reader wrote, the newest first, with what became of it."""
    comments = Comment.objects.of(signed_in(request)).select_related("article").order_by("-pk")
    page = Paginator(comments, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "comments/own.html", {"page": page})
