"""Groups: several people who read by one subscription, each from a seat of their own."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.plans import MIN_SEATS, Price
from billing.models.subscriptions import Subscription

INVITATION_DAYS = 14
# Who was invited and never came is nobody's business for long.
FORGOTTEN_AFTER_DAYS = 30


def last_moment() -> datetime:
    """Return when an invitation that is sent now expires."""
    return timezone.now() + timedelta(days=INVITATION_DAYS)


class GroupQuerySet(models.QuerySet["Group"]):
    """Words for sets of groups."""

    def of_domain(self, domains: set[str]) -> Self:
        """Keep those that people with an address at one of these domains may join by themselves."""
        return self.exclude(domain="").filter(domain__in=domains)

    def running(self, *, at: datetime | None = None) -> Self:
        """Keep those whose subscription opens the articles at a moment."""
        return self.filter(subscription__in=Subscription.objects.in_force(at=at))

    def seen_by(self, user_id: int) -> Self:
        """Keep those that somebody looks after: as owner or as manager."""
        managed = Membership.objects.present().filter(user=user_id, role=Membership.Role.MANAGER).values("group")
        return self.filter(Q(owner=user_id) | Q(pk__in=managed))

    def locked(self, pk: int) -> "Group":
        """Return one with its subscription, and let nobody else have it until the transaction ends."""
        return self.select_related("subscription").select_for_update(of=("self",)).get(pk=pk)


class Group(models.Model):
    """Who reads together; its row is the lock of its seats. Made once the first payment is there."""

    name = models.CharField(_("name"), max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="owned_groups", verbose_name=_("owner"))
    # The owner's, once they pay; after a change of owner that of the new one.
    subscription = models.OneToOneField(
        Subscription, models.PROTECT, null=True, blank=True, related_name="group", verbose_name=_("subscription")
    )
    # Who takes fewer seats keeps those they paid for to the end of the period.
    kept_seats = models.PositiveIntegerField(_("seats kept"), default=0)
    kept_until = models.DateTimeField(_("kept until"), null=True, blank=True)
    # Counts up with every new link; only the link of the last count opens. The link itself is derived, and kept nowhere.
    link_generation = models.PositiveIntegerField(default=0, editable=False)
    has_link = models.BooleanField(_("has a join link"), default=False)
    domain = models.CharField(_("domain"), max_length=253, blank=True)
    tells_owner = models.BooleanField(_("a mail to the owner when somebody joins"), default=False)
    heir = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("asked to become the owner")
    )
    # Counts how often seats were lost and owners asked, so that each gets a mail of its own.
    notices = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["domain"], condition=~Q(domain=""), name="billing_group_of_domain")]
        constraints = [
            models.CheckConstraint(condition=Q(kept_seats=0) | Q(kept_until__isnull=False), name="billing_group_keeps_seats_for_a_time"),
            models.CheckConstraint(condition=Q(heir=None) | ~Q(heir=F("owner")), name="billing_group_heir_is_another"),
        ]

    def __str__(self) -> str:
        return self.name

    def seats(self, *, at: datetime | None = None) -> int:
        """Return how many seats there are to sit on, those kept to the end of the period among them."""
        if self.subscription is None:
            return 0
        is_keeping = self.kept_until is not None and self.kept_until > (at or timezone.now())
        return max(self.subscription.quantity, self.kept_seats if is_keeping else 0)

    def is_running(self, *, at: datetime | None = None) -> bool:
        """Say whether its subscription opens the articles at a moment; twin of `GroupQuerySet.running`."""
        return self.subscription is not None and self.subscription.is_in_force(at=at)

    def seats_ending(self) -> datetime | None:
        """Return when the seats become fewer, if that is settled."""
        if self.subscription is None or self.seats() <= self.subscription.quantity:
            return None
        return self.kept_until


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Words for sets of memberships."""

    def present(self) -> Self:
        """Keep those of people who were not removed."""
        return self.filter(removed_at=None)

    def by_age(self) -> Self:
        """Put who came first in front: the order in which seats are given."""
        return self.order_by("joined_at", "pk")

    def in_force(self, *, at: datetime | None = None) -> Self:
        """Keep those whose seat opens the articles at a moment."""
        return self.filter(has_seat=True, group__subscription__in=Subscription.objects.in_force(at=at))


class Membership(models.Model):
    """One person in one group. The seat is given and taken by `billing.seats` only."""

    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        MANAGER = "manager", _("manager")

    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships", verbose_name=_("group"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.MEMBER)
    has_seat = models.BooleanField(_("has a seat"), default=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    # The row of a removed person stays, so that no link and no domain lets them in again; an invitation does.
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["joined_at", "pk"]
        indexes = [models.Index(fields=["group", "joined_at"], name="billing_membership_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["group", "user"], name="billing_membership_once_a_group"),
            models.CheckConstraint(condition=Q(has_seat=False) | Q(removed_at=None), name="billing_membership_removed_sits_nowhere"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.group}"

    @property
    def is_present(self) -> bool:
        """Say whether the person was not removed; twin of `MembershipQuerySet.present`."""
        return self.removed_at is None

    @property
    def is_manager(self) -> bool:
        """Say whether they may look after the others."""
        return self.role == self.Role.MANAGER

    def is_in_force(self, *, at: datetime | None = None) -> bool:
        """Say whether the seat opens the articles at a moment; twin of `MembershipQuerySet.in_force`."""
        return self.has_seat and self.group.is_running(at=at)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Words for sets of invitations."""

    def unanswered(self) -> Self:
        """Keep those that were neither taken nor taken back, late ones too."""
        return self.filter(accepted_at=None, revoked_at=None)

    def open(self, *, at: datetime | None = None) -> Self:
        """Keep those that somebody can take."""
        return self.unanswered().filter(expires_at__gt=at or timezone.now())

    def forgettable(self, *, at: datetime | None = None) -> Self:
        """Keep those whose address nobody needs any more."""
        before = (at or timezone.now()) - timedelta(days=FORGOTTEN_AFTER_DAYS)
        return self.filter(expires_at__lt=before)


class Invitation(models.Model):
    """A seat offered to an address, once. Its link is derived from the row and kept nowhere."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="invitations", verbose_name=_("group"))
    email = models.EmailField(_("address"))
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("invited by")
    )
    # Counts the mails; the link of an earlier one is dead.
    sent = models.PositiveSmallIntegerField(_("mails sent"), default=1)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), default=last_moment)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("accepted by")
    )
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="billing_invitation_one_an_address",
            ),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(revoked_at=None), name="billing_invitation_has_one_end"),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.pk}"

    def is_open(self, *, at: datetime | None = None) -> bool:
        """Say whether somebody can take it; twin of `InvitationQuerySet.open`."""
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > (at or timezone.now())


class SeatOrder(models.Model):
    """What somebody went to pay for: seats of a new group, or of one that goes on with them. It is the subject of the Checkout."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        PAID = "paid", _("paid")
        DROPPED = "dropped", _("never paid")

    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="seat_orders", verbose_name=_("person"))
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="orders", verbose_name=_("group"))
    name = models.CharField(_("name of the group"), max_length=60)
    price = models.ForeignKey(Price, models.PROTECT, related_name="seat_orders", verbose_name=_("price"))
    seats = models.PositiveIntegerField(_("seats"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("order of seats")
        verbose_name_plural = _("orders of seats")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(seats__gte=MIN_SEATS), name="billing_seatorder_is_for_several"),
            models.CheckConstraint(condition=~Q(status="paid") | Q(group__isnull=False), name="billing_seatorder_paid_has_a_group"),
            models.UniqueConstraint(
                fields=["buyer"], condition=Q(status="open", group=None), name="billing_seatorder_one_new_group_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["group"], condition=Q(status="open", group__isnull=False), name="billing_seatorder_one_open_a_group"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.seats}"
