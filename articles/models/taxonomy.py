"""Sections, tags and series."""

from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.access_levels import Access


class SectionQuerySet(models.QuerySet["Section"]):
    """Words for sets of sections."""

    def in_navigation(self) -> Self:
        """Keep the top sections that the masthead lists, in order."""
        return self.filter(parent=None, is_in_navigation=True)

    def family_ids(self, section: "Section") -> list[int]:
        """Return the ids of a section and of all below it."""
        children: dict[int | None, list[int]] = {}
        for pk, parent in Section.objects.values_list("pk", "parent_id"):
            children.setdefault(parent, []).append(pk)
        family = [section.pk]
        for pk in family:
            family.extend(child for child in children.get(pk, []) if child not in family)
        return family


class Section(models.Model):
    """A part of the magazine; may lie within another."""

    class FrontStyle(models.TextChoices):
        CARDS = "cards", _("cards with pictures")
        HEADWORDS = "headwords", _("headwords")
        LIST = "list", _("plain list")
        NONE = "none", _("not on the front page")

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("within"))
    character = models.CharField(_("character"), max_length=2, blank=True, help_text=_("Set beside the name, for example 食."))
    gloss = models.CharField(_("gloss of the character"), max_length=160, blank=True, help_text=_("For example: shí: food; to eat."))
    note = models.CharField(_("line on the front page"), max_length=160, blank=True)
    description = models.TextField(_("description"), blank=True)
    default_access = models.CharField(_("access unless an article says otherwise"), max_length=12, choices=Access, default=Access.FREE)
    premium_after_days = models.PositiveSmallIntegerField(
        _("premium after days"), null=True, blank=True, help_text=_("So many days after publication its articles turn premium.")
    )
    free_after_days = models.PositiveSmallIntegerField(
        _("free after days"), null=True, blank=True, help_text=_("So many days after publication its articles turn free.")
    )
    call_to_action = models.ForeignKey(
        "articles.CallToAction",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="sections",
        verbose_name=_("call to action"),
        help_text=_("What the wall says unless an article chooses another. Empty: the words of the paywall’s settings."),
    )
    front_style = models.CharField(_("on the front page as"), max_length=12, choices=FrontStyle, default=FrontStyle.CARDS)
    is_in_navigation = models.BooleanField(_("in the navigation"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    source_id = models.CharField(_("id at the source of an import"), max_length=255, null=True, blank=True, unique=True)

    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "name"]
        constraints = [models.CheckConstraint(condition=~models.Q(parent=models.F("pk")), name="articles_section_not_within_itself")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the section's page."""
        return reverse("articles:section", args=[self.slug])


class SectionPlan(models.Model):
    """A plan that opens a section: with one such row the section is reserved, without any every plan opens it."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="reserved_for", verbose_name=_("section"))
    # Protected: the last plan gone, everybody who pays could read the section.
    plan = models.ForeignKey("billing.Plan", models.PROTECT, related_name="+", verbose_name=_("plan"))

    class Meta:
        verbose_name = _("plan that opens the section")
        verbose_name_plural = _("only these plans open the section")
        constraints = [models.UniqueConstraint(fields=["section", "plan"], name="articles_sectionplan_once")]

    def __str__(self) -> str:
        return f"{self.section}: {self.plan}"


class Tag(models.Model):
    """A subject that articles share."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True)
    source_id = models.CharField(_("id at the source of an import"), max_length=255, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the tag's page."""
        return reverse("articles:tag", args=[self.slug])


class Series(models.Model):
    """A collection with a page, an order and an introduction of its own."""

    title = models.CharField(_("title"), max_length=160)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    standfirst = models.CharField(_("standfirst"), max_length=300, blank=True)
    introduction = models.TextField(_("introduction"), blank=True)
    image = models.ForeignKey("articles.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture"))
    articles = models.ManyToManyField("articles.Article", through="articles.SeriesEntry", related_name="series", verbose_name=_("articles"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["-created_at", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the series' page."""
        return reverse("articles:series", args=[self.slug])


class SeriesEntry(models.Model):
    """An article's place in a series."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="entries")
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="series_entries", verbose_name=_("article"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("article of the series")
        verbose_name_plural = _("articles of the series")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["series", "article"], name="articles_seriesentry_once_a_series")]

    def __str__(self) -> str:
        return f"{self.series}: {self.article}"
