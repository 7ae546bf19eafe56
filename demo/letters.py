"""Load the letters of the demo: what they are, who gets them, what was sent."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from articles.models import Image
from demo.accounts import DEMO_ACCOUNTS
from demo.reading import read_pieces, with_images
from newsletters.models import Issue, Newsletter, Signup
from newsletters.rendering import render_issue


def load_letters(data: dict[str, Any], images: dict[str, Image], now: datetime) -> None:
    """Load letters, their issues and the demo accounts' sign-ups; nothing is sent."""
    for position, row in enumerate(data["newsletters"]):
        fields = {name: row[name] for name in ("name", "native_name", "description", "schedule", "audience", "sender_name", "sender_email")}
        fields |= {"position": position, "postal_address": data["identity"]["postal_address"]}
        letter, _ = Newsletter.objects.update_or_create(slug=row["slug"], defaults=fields)
        for user in User.objects.filter(email__in=[account.email for account in DEMO_ACCOUNTS]):
            if not letter.is_for_subscribers or user.is_staff or user.grants.exists():
                Signup.objects.get_or_create(
                    newsletter=letter, user=user, defaults={"status": Signup.Status.CONFIRMED, "confirmed_at": now}
                )
    for piece in read_pieces("issues"):
        matter, letter = piece.matter, Newsletter.objects.get(slug=piece.matter["newsletter"])
        issue = Issue.objects.filter(newsletter=letter, slug=matter["slug"]).first() or Issue(newsletter=letter, slug=matter["slug"])
        issue.number, issue.subject, issue.preheader = matter["number"], matter["subject"], matter["preheader"]
        issue.body = with_images(piece.body, images)
        issue.status, issue.sent_at = Issue.Status.SENT, now - timedelta(days=matter["days_ago"])
        render_issue(issue)
        issue.save()
