"""The tasks and sweeps of accounts."""

import logging
from datetime import timedelta
from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone

from accounts import exporting
from accounts.deletion import carry_out
from accounts.models import Deletion, Export, User

logger = logging.getLogger(__name__)

UNUSED_DAYS = 30
SWEEP_SIZE = 500


@shared_task
def clear_expired() -> None:
    """Carry out due deletions, and clear expired sessions and exports, and accounts that nobody ever used."""
    for deletion in Deletion.objects.due().select_related("user")[:SWEEP_SIZE]:
        carry_out(deletion)
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    exporting.clear_exports()
    for user in User.objects.never_used(before=timezone.now() - timedelta(days=UNUSED_DAYS))[:SWEEP_SIZE]:
        try:
            user.delete()
        except (ProtectedError, RestrictedError):
            # Somebody began to use it between the question and the answer.
            continue


@shared_task
def make_export(pk: int) -> None:
    """Make one export; a nudge that comes twice makes it once."""
    export = Export.objects.select_related("user").filter(pk=pk).first()
    if export is not None:
        exporting.make(export)


@shared_task
def make_waiting_exports() -> None:
    """Make exports whose nudge was lost, or whose making broke off; one that fails doesn't hold the others up."""
    for export in Export.objects.waiting().select_related("user")[: exporting.SWEEP_SIZE]:
        try:
            exporting.make(export)
        except Exception:
            logger.exception("Export %s could not be made.", export.pk)
