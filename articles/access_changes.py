"""Write into the rows what dates and sections changed, so that search, lists and caches follow."""

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from articles.embargo import level_at
from articles.models import Article, Section
from articles.models.article import ACCESS_FIELDS
from articles.publishing import tell_pointing_articles
from articles.querysets import ArticleQuerySet
from articles.search.index import index_article

CHUNK = 100


def apply_due_changes() -> int:
    """Turn the articles whose date has passed; returns how many."""
    now = timezone.now()
    due = Article.objects.filter(Q(turns_premium_at__lte=now) | Q(turns_free_at__lte=now))
    return _rewrite(due.alias(level=level_at(now)).exclude(effective_access=F("level")))


def follow_section(section: Section) -> int:
    """Let the articles of a section follow its rules, which an editor changed; returns how many there are."""
    return _rewrite(Article.objects.filter(section=section))


def _rewrite(articles: ArticleQuerySet) -> int:
    """Set the access of articles anew; those that changed are indexed and forgotten by the caches."""
    changed = []
    for article in articles.select_related("section").iterator(chunk_size=CHUNK):
        before = [getattr(article, name) for name in ACCESS_FIELDS]
        article.set_access()
        after = {name: getattr(article, name) for name in ACCESS_FIELDS}
        if list(after.values()) == before:
            continue
        with transaction.atomic():
            # Not save(): nobody edited anything. An editor who saves meanwhile has set it by the same rule.
            is_ours = Article.objects.filter(pk=article.pk, saved_at=article.saved_at).update(**after, saved_at=timezone.now())
            if is_ours:
                index_article(article)
        changed.append(article.slug)
    if changed:
        tell_pointing_articles(*changed)
    return len(changed)
