"""Groups: who reads by one subscription, and how many seats are left."""

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from billing.admin.reading import ReadOnlyAdmin
from billing.models import Group, Invitation, Membership


class ReadOnlyInline(TabularInline):
    """Show rows that their owner looks after."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Refuse: owners give seats."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Refuse: owners look after their members."""
        return False


class MembershipInline(ReadOnlyInline):
    """Who is in a group."""

    model = Membership
    fields = ("user", "role", "has_seat", "joined_at", "removed_at")
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Fetch the people along."""
        found: QuerySet[Membership] = super().get_queryset(request)
        return found.select_related("user", "group")


class InvitationInline(ReadOnlyInline):
    """Who was asked and hasn't answered."""

    model = Invitation
    fields = ("email", "invited_by", "sent", "sent_at", "expires_at")
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        """Leave out what is settled."""
        found: QuerySet[Invitation] = super().get_queryset(request)
        return found.filter(accepted_at=None, revoked_at=None).select_related("invited_by", "group")


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    """Look at groups; their owners look after them."""

    list_display = ("name", "owner", "members", "seat_count", "status", "created_at")
    list_filter = ("subscription__status", "subscription__price__plan")
    list_select_related = ("owner", "subscription")
    search_fields = ("name", "domain", "owner__email", "owner__name", "subscription__stripe_id")
    date_hierarchy = "created_at"
    fields = ("name", "owner", "subscription", "seat_count", "kept_seats", "kept_until", "domain", "has_link", "heir", "created_at")
    inlines = (MembershipInline, InvitationInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Count the members along."""
        found: QuerySet[Group] = super().get_queryset(request)
        return found.annotate(member_count=Count("memberships", filter=Q(memberships__removed_at=None)))

    @admin.display(description=_("members"), ordering="member_count")
    def members(self, group: Group) -> int:
        """Return how many are in it, those who wait for a seat among them."""
        return int(getattr(group, "member_count", 0))

    @admin.display(description=_("seats"))
    def seat_count(self, group: Group) -> int:
        """Return how many seats it has."""
        return group.seats()

    @admin.display(description=_("subscription"), ordering="subscription__status")
    def status(self, group: Group) -> str:
        """Return how its subscription stands."""
        return group.subscription.get_status_display() if group.subscription else "–"
