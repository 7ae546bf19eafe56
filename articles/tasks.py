"""What happens after the answer was sent. Every task may run twice, or be lost and done by a later sweep."""

import logging
from datetime import date

from celery import shared_task
from django.core.exceptions import ValidationError

logger = logging.getLogger(__name__)


@shared_task
def publish_scheduled() -> int:
    """Publish what is due."""
    from articles.publishing import publish_due

    return publish_due()


@shared_task
def change_access() -> int:
    """Turn the articles whose date has passed premium or free."""
    from articles.access_changes import apply_due_changes

    return apply_due_changes()


@shared_task
def clear_old_meters() -> None:
    """Forget the meters of past months, and the networks that read private feeds."""
    from articles.meter import clear_old_meters as clear
    from articles.private_feeds import clear_old_networks

    clear()
    clear_old_networks()


@shared_task
def record_reads(pairs: list[list[int]], day: str, batch: str) -> None:
    """Add the reads that a web process counted: `[[article id, reads], …]`."""
    from articles.popularity import add_reads

    counts: dict[int, int] = dict(pairs)  # type: ignore[arg-type]
    add_reads(counts, day=date.fromisoformat(day), batch=batch)


@shared_task
def count_reads() -> int:
    """Bring the popularity of articles up to date."""
    from articles.popularity import recount

    return recount()


@shared_task
def make_renditions_of(image_id: int) -> None:
    """Make the renditions of a picture, and show them where it stands."""
    from articles.images import make_renditions
    from articles.models import Image
    from articles.rerendering import rerender_articles_showing

    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        return
    try:
        make_renditions(image)
    except (OSError, ValidationError) as error:
        logger.warning("No renditions of picture %s: %s", image_id, error)
        return
    rerender_articles_showing(image)
    make_lighter_twins_of.delay(image_id)


@shared_task
def make_lighter_twins_of(image_id: int) -> None:
    """Make the AVIF files beside the renditions of a picture; the next sweep tries again what failed."""
    from articles.images import make_lighter_twins
    from articles.models import Image

    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        return
    try:
        make_lighter_twins(image)
    except (OSError, ValidationError) as error:
        logger.warning("No lighter files of picture %s: %s", image_id, error)


@shared_task
def make_missing_renditions() -> None:
    """Make the renditions and their lighter twins that a lost nudge left unmade."""
    from articles.images import images_without_renditions, images_without_twins

    for image in images_without_renditions():
        make_renditions_of(image.pk)
    for image in images_without_twins():
        make_lighter_twins_of(image.pk)


@shared_task
def rerender_articles_pointing_to(slugs: list[str]) -> int:
    """Bring "also read" boxes up to date after an article came, went or moved."""
    from articles.rerendering import rerender_articles_pointing_to as rerender_them

    return rerender_them(*slugs)
