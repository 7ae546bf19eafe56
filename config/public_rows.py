"""Which rows readers see on public pages: when one is saved or deleted, kept pages are forgotten.

Bulk changes (`update`, `bulk_create`) say so themselves by `forget_public_pages_on_commit`.
"""

from django.apps import apps
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save

from magazine.public_pages import forget_public_pages_on_commit

PUBLIC_ROWS = (
    "articles.Article",
    "articles.CallToAction",
    "articles.Credit",
    "articles.FrontSlot",
    "articles.Image",
    "articles.PaywallSettings",
    "articles.Person",
    "articles.Redirect",
    "articles.Rendition",
    "articles.Section",
    "articles.SectionPlan",
    "articles.Series",
    "articles.SeriesEntry",
    "articles.Tag",
    "billing.ContributionSettings",
    "billing.Plan",
    "billing.Price",
    "billing.Question",
    "billing.SellingRules",
    "billing.SubscriptionSettings",
    "comments.CommentSettings",
    "magazine.Identity",
    "magazine.SocialLink",
    "newsletters.Issue",
    "newsletters.Newsletter",
)
PUBLIC_RELATIONS = ("articles.Article_tags",)
# Anybody can add one, and most wait for a moderator: comments.moderation says when readers see another thread.
PUBLIC_UNTIL_DELETED = ("comments.Comment",)


def watch_public_rows() -> None:
    """Have kept pages forgotten when one of these rows changes."""
    for label in PUBLIC_ROWS:
        post_save.connect(_changed, sender=apps.get_model(label), dispatch_uid=f"public-saved-{label}")
    for label in (*PUBLIC_ROWS, *PUBLIC_UNTIL_DELETED):
        post_delete.connect(_changed, sender=apps.get_model(label), dispatch_uid=f"public-deleted-{label}")
    for label in PUBLIC_RELATIONS:
        m2m_changed.connect(_changed, sender=apps.get_model(label), dispatch_uid=f"public-related-{label}")


def _changed(sender: type[Model], **kwargs: object) -> None:
    forget_public_pages_on_commit()
