"""An article, brief, page or piece of live coverage, and who made it."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from articles.body.field import BodyField
from articles.embargo import access_at
from articles.models.access_levels import Access
from articles.models.people import Person
from articles.models.taxonomy import Section, Tag
from articles.querysets import ArticleQuerySet
from articles.slugs import RESERVED_SLUGS, slug_for

if TYPE_CHECKING:
    from articles.access import Decision

LONG_HEADLINE_WORDS = 14
ACCESS_FIELDS = ("effective_access", "turns_premium_at", "turns_free_at")
DERIVED_FIELDS = (
    "title_html",
    "standfirst_html",
    "body_html",
    "notes_html",
    "preview_html",
    "preview_notes_html",
    "is_cut",
    "words",
    "reading_minutes",
    "outline",
    "text",
    "preview_text",
)


def not_reserved(slug: str) -> None:
    """Raise ValidationError for a slug that is the first segment of another address."""
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("“%(slug)s” is an address of the site itself. Choose another slug."), params={"slug": slug})


class Article(models.Model):
    """Something with an address of its own that is read: `body` is what editors write, the derived fields what readers get."""

    class Kind(models.TextChoices):
        LONG = "long", _("article")
        BRIEF = "brief", _("brief")
        LIVE = "live", _("live coverage")
        PAGE = "page", _("page")

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        SCHEDULED = "scheduled", _("scheduled")
        PUBLISHED = "published", _("published")
        UNPUBLISHED = "unpublished", _("unpublished")
        TRASHED = "trashed", _("in the bin")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.LONG)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    title = models.CharField(_("title"), max_length=300)
    pronunciation = models.CharField(_("pronunciation"), max_length=120, blank=True, help_text=_("For a headword, for example dāzi."))
    standfirst = models.TextField(_("standfirst"), blank=True)
    slug = models.SlugField(
        _("slug"),
        max_length=200,
        unique=True,
        blank=True,
        allow_unicode=True,
        validators=[not_reserved],
        help_text=_("Made from the title when left empty."),
    )
    language = models.CharField(_("language"), max_length=16, default="en", help_text=_("en, zh-Hans, zh-Hant …"))
    section = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="articles", verbose_name=_("section"))
    tags = models.ManyToManyField(Tag, blank=True, related_name="articles", verbose_name=_("tags"))
    people = models.ManyToManyField(Person, through="articles.Credit", related_name="articles", verbose_name=_("people"))
    body = BodyField(_("body"), blank=True)

    lead_image = models.ForeignKey(
        "articles.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lead picture")
    )
    lead_alt = models.CharField(_("alternative text of the lead picture"), max_length=500, blank=True)
    lead_caption = models.TextField(_("caption of the lead picture"), blank=True)
    lead_credit = models.CharField(_("credit of the lead picture"), max_length=200, blank=True)

    access = models.CharField(_("access"), max_length=12, choices=Access, blank=True, help_text=_("Empty: as its section."))
    premium_from = models.DateTimeField(
        _("premium from"), null=True, blank=True, help_text=_("Empty: as its section, counted from publication.")
    )
    free_from = models.DateTimeField(_("free from"), null=True, blank=True, help_text=_("Empty: as its section, counted from publication."))
    call_to_action = models.ForeignKey(
        "articles.CallToAction",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="articles",
        verbose_name=_("call to action"),
        help_text=_("What the wall says. Empty: as its section."),
    )
    # What was true when the row was saved or swept last, and what changes it; articles.embargo tells what is true now.
    effective_access = models.CharField(max_length=12, choices=Access, default=Access.FREE, editable=False)
    turns_premium_at = models.DateTimeField(null=True, blank=True, editable=False)
    turns_free_at = models.DateTimeField(null=True, blank=True, editable=False)

    first_published_at = models.DateTimeField(_("first published"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    updated_at = models.DateTimeField(
        _("updated"), null=True, blank=True, help_text=_("Shown to readers; set it when the text changed in substance.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    saved_at = models.DateTimeField(_("saved"), auto_now=True)

    canonical_url = models.URLField(
        _("canonical address"), max_length=500, blank=True, help_text=_("Where the original stands, if not here.")
    )
    seo_title = models.CharField(_("title for search engines"), max_length=160, blank=True)
    seo_description = models.CharField(_("description for search engines"), max_length=320, blank=True)
    social_title = models.CharField(_("title for social media"), max_length=160, blank=True)
    social_description = models.CharField(_("description for social media"), max_length=320, blank=True)
    social_image = models.ForeignKey(
        "articles.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture for social media")
    )
    is_hidden_from_search_engines = models.BooleanField(_("hidden from search engines"), default=False)
    translation_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="translations", verbose_name=_("translation of")
    )
    source_id = models.CharField(_("id at the source of an import"), max_length=255, null=True, blank=True, unique=True, editable=False)

    # Made on save by articles.deriving, never on view.
    title_html = models.TextField(editable=False, blank=True)
    standfirst_html = models.TextField(editable=False, blank=True)
    body_html = models.TextField(editable=False, blank=True)
    notes_html = models.TextField(editable=False, blank=True)
    preview_html = models.TextField(editable=False, blank=True)
    preview_notes_html = models.TextField(editable=False, blank=True)
    is_cut = models.BooleanField(editable=False, default=False)
    words = models.PositiveIntegerField(_("words"), editable=False, default=0)
    reading_minutes = models.PositiveSmallIntegerField(_("reading time in minutes"), editable=False, default=0)
    outline = models.JSONField(editable=False, default=list, blank=True)
    text = models.TextField(editable=False, blank=True)
    preview_text = models.TextField(editable=False, blank=True)

    # Kept by the apps above and by tasks, so that cards need no join.
    comment_count = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    popularity = models.PositiveIntegerField(_("reads of late"), default=0, editable=False)

    objects = ArticleQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=[*DERIVED_FIELDS, "turns_premium_at", "turns_free_at", "comment_count", "popularity"])

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["-published_at", "-pk"]
        permissions = [("publish_article", _("Can publish every article")), ("publish_own_article", _("Can publish their own articles"))]
        indexes = [
            # Counting and paging a list reads these alone; that is what `kind` is there for.
            models.Index(fields=["status", "-published_at", "-id", "kind"], name="articles_newest_of_kind"),
            models.Index(fields=["section", "status", "-published_at", "-id", "kind"], name="articles_newest_there"),
            models.Index(fields=["turns_premium_at"], name="articles_turn_premium", condition=models.Q(turns_premium_at__isnull=False)),
            models.Index(fields=["turns_free_at"], name="articles_turn_free", condition=models.Q(turns_free_at__isnull=False)),
            models.Index(fields=["status", "-popularity", "-id"], name="articles_popular"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status__in=["published", "scheduled"]) | models.Q(published_at__isnull=False),
                name="articles_article_public_has_a_date",
            ),
            models.CheckConstraint(condition=~models.Q(slug=""), name="articles_article_has_a_slug"),
            models.CheckConstraint(condition=~models.Q(translation_of=models.F("pk")), name="articles_article_not_its_own_translation"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with everything that readers get derived from what the editor wrote."""
        from articles.deriving import derive
        from articles.search.index import index_article

        if (fields := kwargs.get("update_fields")) is None:
            self.complete()
            derive(self)
        elif "published_at" in fields:
            self.set_access()
            kwargs["update_fields"] = {*fields, *ACCESS_FIELDS}
        super().save(*args, **kwargs)
        if kwargs.get("update_fields") is None:
            index_article(self)

    def get_absolute_url(self) -> str:
        """Return the address of the article."""
        return reverse("articles:article", args=[self.slug])

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete, leaving as little as `ArticleQuerySet.delete` does."""
        from articles.models.files import throw_away_files
        from articles.search.index import forget_articles

        this = Article.objects.filter(pk=self.pk)
        forget_articles(this)
        throw_away_files(this)
        return super().delete(*args, **kwargs)

    def complete(self) -> None:
        """Fill in what an editor may leave empty: slug, dates, effective access."""
        if not self.slug:
            others = Article.objects.exclude(pk=self.pk)
            self.slug = slug_for(self.title, taken=lambda slug: others.filter(slug=slug).exists(), reserved=RESERVED_SLUGS)
        if self.status == self.Status.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()
        if self.published_at is not None and self.first_published_at is None:
            self.first_published_at = self.published_at
        self.set_access()

    def set_access(self) -> None:
        """Set who it is for now, and when that changes, from its own rules and its section's."""
        self.effective_access = self.access or (self.section.default_access if self.section else Access.FREE)
        self.turns_premium_at = self.premium_from or self._after(self.section.premium_after_days if self.section else None)
        self.turns_free_at = self.free_from or self._after(self.section.free_after_days if self.section else None)
        self.effective_access = access_at(self, timezone.now())

    def _after(self, days: int | None) -> datetime | None:
        """Return the moment so many days after publication; an article that sets its own access follows no rule of its section."""
        if days is None or self.access or self.published_at is None:
            return None
        return self.published_at + timedelta(days=days)

    @property
    def access_now(self) -> str:
        """Return who it is for at this moment; twin of `articles.embargo.level_at`."""
        return access_at(self, timezone.now())

    @property
    def is_published(self) -> bool:
        """Say whether readers can see it; twin of `ArticleQuerySet.published`."""
        return self.status == self.Status.PUBLISHED and self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_page(self) -> bool:
        """Say whether it stands outside the flow of articles; twin of `ArticleQuerySet.pages`."""
        return self.kind == self.Kind.PAGE

    @property
    def is_gated(self) -> bool:
        """Say whether somebody may be refused the whole of it."""
        return self.access_now != Access.FREE

    def body_for(self, decision: "Decision") -> str:
        """Return the HTML a reader gets; the only way a page, feed or mail may show the text."""
        return mark_safe(self.body_html if decision.is_full else self.preview_html)  # noqa: S308 - sanitised on save

    def notes_for(self, decision: "Decision") -> str:
        """Return the notes of the HTML a reader gets."""
        return mark_safe(self.notes_html if decision.is_full else self.preview_notes_html)  # noqa: S308 - sanitised on save

    @property
    def has_long_headline(self) -> bool:
        """Say whether the headline needs the smaller size."""
        return len(self.title.split()) > LONG_HEADLINE_WORDS

    @property
    def description(self) -> str:
        """Return what search engines and cards may say of it: never from behind the wall."""
        return self.seo_description or self.standfirst or self.preview_text[:200].rsplit(" ", 1)[0]

    @cached_property
    def ordered_credits(self) -> list["Credit"]:
        """Return the credits in order; one query unless prefetched."""
        return sorted(self.credits.all(), key=lambda credit: (credit.position, credit.pk or 0))

    @property
    def authors(self) -> list[Person]:
        """Return those in the byline's first rank."""
        return [credit.person for credit in self.ordered_credits if credit.role == Credit.Role.AUTHOR]


class Credit(models.Model):
    """What a person did for an article."""

    class Role(models.TextChoices):
        AUTHOR = "author", _("Words")
        CONTRIBUTOR = "contributor", _("With further reporting by")
        EDITOR = "editor", _("Edited by")
        TRANSLATOR = "translator", _("Translated by")
        PHOTOGRAPHER = "photographer", _("Photographs")
        ILLUSTRATOR = "illustrator", _("Illustration")

    article = models.ForeignKey(Article, models.CASCADE, related_name="credits")
    person = models.ForeignKey(Person, models.PROTECT, related_name="credits", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.AUTHOR)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["article", "person", "role"], name="articles_credit_once_a_role")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.person}"
