"""People, and what they asked for about themselves."""

from accounts.models.deletions import DAYS_TO_UNDO, Deletion, last_day_to_undo
from accounts.models.exports import Export
from accounts.models.users import User, UserManager, UserQuerySet

__all__ = ["DAYS_TO_UNDO", "Deletion", "Export", "User", "UserManager", "UserQuerySet", "last_day_to_undo"]
