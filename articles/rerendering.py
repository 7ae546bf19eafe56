"""Make the derived fields of articles anew when something that they show has changed."""

from articles.deriving import derive
from articles.models import Article, Image, Redirect
from articles.models.article import DERIVED_FIELDS
from articles.querysets import ArticleQuerySet
from articles.search.index import index_article
from magazine.public_pages import forget_public_pages_on_commit


def rerender(articles: ArticleQuerySet) -> int:
    """Derive articles anew, writing only the derived fields; returns how many there were."""
    count = 0
    for article in articles.iterator(chunk_size=50):
        derive(article)
        # Not save(): nobody edited anything, so there is no revision and no new date.
        Article.objects.filter(pk=article.pk, body=article.body).update(**{name: getattr(article, name) for name in DERIVED_FIELDS})
        index_article(article)
        count += 1
    if count:
        forget_public_pages_on_commit()
    return count


def rerender_articles_pointing_to(*slugs: str) -> int:
    """Derive anew the articles whose "also read" boxes lead to an article, by its present or former slugs."""
    former = Redirect.objects.filter(article__slug__in=slugs).values_list("old_path", flat=True)
    found = Article.objects.none()
    for slug in {*slugs, *(path.strip("/") for path in former)}:
        found |= Article.objects.filter(body__contains=f'data-article="{slug}"')
    return rerender(found)


def rerender_articles_showing(image: Image) -> int:
    """Derive anew the articles with a picture in the text, once its renditions are there."""
    return rerender(Article.objects.filter(body__contains=f'data-image="{image.pk}"'))
