"""Answer what the rendering of a body asks, from the magazine's own rows."""

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from articles.body.resolver import Appeal, Button, ResolvedCard, ResolvedImage
from billing.entitlements import lowest_price
from magazine.models import Identity

if TYPE_CHECKING:
    from articles.models import Image


class SiteResolver:
    """Look pictures, articles and the appeal up in the database, as they are at this moment."""

    def image(self, id: int) -> ResolvedImage | None:
        """Return a picture of the library, or None when it is gone."""
        from articles.models import Image

        image = Image.objects.filter(pk=id).prefetch_related("renditions").first()
        return resolved(image) if image is not None else None

    def article(self, slug: str) -> ResolvedCard | None:
        """Return a card for a published article, by its present address or a former one."""
        from articles.models import Article

        light = Article.objects.published().select_related("lead_image").prefetch_related("lead_image__renditions")
        light = light.only("slug", "title", "language", "lead_image")
        article = light.filter(slug=slug).first() or light.filter(redirects__old_path=f"/{slug}/").first()
        if article is None:
            return None
        picture = resolved(article.lead_image) if article.lead_image else None
        return ResolvedCard(article.get_absolute_url(), article.title, picture, article.language)

    def appeal(self) -> Appeal | None:
        """Return the appeal of the site settings, or None when the magazine makes none."""
        identity = Identity.load()
        if not identity.appeal:
            return None
        price = lowest_price()
        label = gettext("Subscribe from %(price)s") % {"price": price.display} if price else gettext("Subscribe")
        buttons = (Button(label, reverse("billing:plans")), Button(gettext("or give once"), reverse("billing:support")))
        return Appeal(identity.appeal, buttons, identity.seal)


def resolved(image: "Image") -> ResolvedImage:
    """Return a picture as the body shows it: the size is that of its largest rendition."""
    renditions = image.ready_renditions
    width, height = (renditions[-1].width, renditions[-1].height) if renditions else (image.width, image.height)
    return ResolvedImage(image.src, image.srcset, width, height, image.alt)
