"""Take a new comment in."""

from django.db import transaction
from django.utils import timezone

from comments.forms import CommentForm
from comments.models import Comment, Decision
from comments.moderation import approve, reasons_to_hold


def post_comment(form: CommentForm) -> Comment:
    """Save what a valid form holds; publish it at once only where there is no reason to hold it."""
    data, user, parent = form.cleaned_data, form.user, form.answered
    with transaction.atomic():
        comment = Comment.objects.create(
            article=form.article,
            parent=parent,
            root=(parent.root or parent) if parent else None,
            author=user,
            name=data["name"],
            email=user.email if user else data["email"],
            email_confirmed_at=timezone.now() if user else None,
            body=data["comment"],
        )
        reasons = reasons_to_hold(comment)
        Decision.objects.create(comment=comment, to_status=Comment.Status.PENDING, reasons=reasons)
        if not reasons:
            approve(comment, by=None)
    return comment
