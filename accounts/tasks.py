"""The sweeps of accounts."""

from datetime import timedelta
from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone

from accounts.deletion import carry_out
from accounts.models import Deletion, User

UNUSED_DAYS = 30
SWEEP_SIZE = 500


@shared_task
def clear_expired() -> None:
    """Carry out due deletions, and clear expired sessions and accounts that nobody ever used."""
    for deletion in Deletion.objects.due().select_related("user")[:SWEEP_SIZE]:
        carry_out(deletion)
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    for user in User.objects.never_used(before=timezone.now() - timedelta(days=UNUSED_DAYS))[:SWEEP_SIZE]:
        try:
            user.delete()
        except (ProtectedError, RestrictedError):
            # Somebody began to use it between the question and the answer.
            continue
