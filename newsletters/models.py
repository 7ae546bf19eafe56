"""Letters, who asked for them, their issues and every single delivery."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from newsletters.querysets import DeliveryQuerySet, IssueQuerySet, SignupQuerySet


def new_key() -> str:
    """Return a random key of 128 bits for addresses."""
    return secrets.token_urlsafe(16)


class Newsletter(models.Model):
    """A letter that goes out again and again."""

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("everyone")
        SUBSCRIBERS = "subscribers", _("subscribers only")

    name = models.CharField(_("name"), max_length=80)
    native_name = models.CharField(_("name in another script"), max_length=40, blank=True)
    slug = models.SlugField(_("slug"), unique=True)
    description = models.TextField(_("description"), blank=True)
    schedule = models.CharField(_("when it comes"), max_length=80, blank=True)
    audience = models.CharField(_("for"), max_length=12, choices=Audience, default=Audience.EVERYONE)
    sender_name = models.CharField(_("sender’s name"), max_length=80, blank=True)
    sender_email = models.EmailField(_("sender’s address"), blank=True, help_text=_("Empty: the site’s own."))
    postal_address = models.CharField(
        _("postal address"), max_length=200, blank=True, help_text=_("Many countries want it at the foot of every letter.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the letter's page."""
        return reverse("newsletters:newsletter", args=[self.slug])

    @property
    def plan_ids(self) -> frozenset[int]:
        """Return the plans it is reserved for; none where it comes with every plan."""
        return frozenset(self.reserved_for.values_list("plan_id", flat=True))

    @property
    def is_for_subscribers(self) -> bool:
        """Say whether only subscribers get it."""
        return self.audience == self.Audience.SUBSCRIBERS


class NewsletterPlan(models.Model):
    """A plan that a letter for subscribers comes with; without any such row it comes with every plan."""

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="reserved_for", verbose_name=_("newsletter"))
    # Protected: the last plan gone, everybody who pays would get the letter.
    plan = models.ForeignKey("billing.Plan", models.PROTECT, related_name="+", verbose_name=_("plan"))

    class Meta:
        verbose_name = _("plan that the letter comes with")
        verbose_name_plural = _("for subscribers: only with these plans")
        constraints = [models.UniqueConstraint(fields=["newsletter", "plan"], name="newsletters_newsletterplan_once")]

    def __str__(self) -> str:
        return f"{self.newsletter}: {self.plan}"


class Signup(models.Model):
    """One person's wish for one letter."""

    class Status(models.TextChoices):
        PENDING = "pending", _("not confirmed")
        CONFIRMED = "confirmed", _("gets it")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="signups", verbose_name=_("newsletter"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="newsletter_signups", verbose_name=_("person"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    asked_at = models.DateTimeField(_("confirmation mail sent"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True, blank=True)
    created_at = models.DateTimeField(_("signed up"), auto_now_add=True)

    objects = SignupQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["newsletter", "user"], name="newsletters_signup_once_a_person")]
        indexes = [models.Index(fields=["newsletter"], condition=Q(status="confirmed"), name="newsletters_signup_confirmed")]

    def __str__(self) -> str:
        return f"{self.user}: {self.newsletter}"

    @property
    def is_confirmed(self) -> bool:
        """Say whether the person asked for the letter and confirmed it; twin of `SignupQuerySet.confirmed`."""
        return self.status == self.Status.CONFIRMED


class Suppression(models.Model):
    """An address that must get no letter, as a keyed hash; survives deletion and imports."""

    address_hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(_("reason"), max_length=40)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")

    def __str__(self) -> str:
        return f"{self.reason} {self.address_hash[:8]}"


class Issue(models.Model):
    """One letter; frozen when it is prepared."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SCHEDULED = "scheduled", _("scheduled")
        PREPARING = "preparing", _("preparing")
        SENDING = "sending", _("being sent")
        PAUSED = "paused", _("paused")
        SENT = "sent", _("sent")
        CANCELLED = "cancelled", _("cancelled")
        NEEDS_REVIEW = "needs_review", _("sent, some unsure")

    newsletter = models.ForeignKey(Newsletter, models.PROTECT, related_name="issues", verbose_name=_("newsletter"))
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    preheader = models.CharField(_("preheader"), max_length=200, blank=True, help_text=_("Shown behind the subject in many mailboxes."))
    slug = models.SlugField(_("slug"), max_length=200)
    body = models.TextField(_("body"), blank=True, help_text=_("The HTML of docs/body.md."))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    scheduled_at = models.DateTimeField(_("send at"), null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    body_html = models.TextField(editable=False, blank=True)
    preview_html = models.TextField(editable=False, blank=True)
    mail_html = models.TextField(editable=False, blank=True)
    mail_text = models.TextField(editable=False, blank=True)
    excluded_count = models.PositiveIntegerField(_("left out"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "slug"], name="newsletters_issue_one_a_slug"),
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(scheduled_at__isnull=False), name="newsletters_issue_scheduled_has_an_hour"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        """Return the address of the issue on the web."""
        return reverse("newsletters:issue", args=[self.newsletter.slug, self.slug])

    @property
    def is_published(self) -> bool:
        """Say whether it can be read on the web; twin of `IssueQuerySet.published`."""
        return self.status in {self.Status.SENDING, self.Status.PAUSED, self.Status.SENT, self.Status.NEEDS_REVIEW}


class Delivery(models.Model):
    """One issue to one person: the row is the job, and there is never a second one."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        CLAIMED = "claimed", _("taken on")
        ATTEMPTING = "attempting", _("being handed over")
        ACCEPTED = "accepted", _("accepted")
        SKIPPED = "skipped", _("left out")
        FAILED = "failed", _("failed")
        UNCONFIRMED = "unconfirmed", _("unsure")

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="deliveries")
    signup = models.ForeignKey(Signup, models.CASCADE, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="deliveries")
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    worker = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["issue", "user"], name="newsletters_delivery_once_a_person")]
        indexes = [
            models.Index(fields=["issue", "id"], condition=Q(status="pending"), name="newsletters_delivery_pending"),
            models.Index(fields=["leased_until"], condition=Q(status__in=["claimed", "attempting"]), name="newsletters_delivery_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.issue} → {self.user_id}"
