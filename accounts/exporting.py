"""Hand readers everything held about them: asked for, made by a task, sent as a link that only they can open."""

import json
import logging
import secrets
import tempfile
import zipfile
from datetime import datetime, timedelta
from typing import IO

from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import privacy
from accounts.letters import send_letter
from accounts.models import Export, User
from accounts.models.exports import DAYS_KEPT, FOLDER, private_storage
from magazine.addresses import whole_address
from magazine.tokens import hash_of

logger = logging.getLogger(__name__)

A_DAY = 3
TOKEN_BYTES = 32
SWEEP_SIZE = 20
COPY_BYTES = 256 * 1024


class ExportRefused(Exception):  # noqa: N818 - reads as what happened
    """No export can be asked for now; the message says why, to its reader."""


def ask_for_export(user: User) -> Export:
    """Have everything put together; asking again while that goes on changes nothing. Raises ExportRefused."""
    going_on = Export.objects.filter(user=user, status=Export.Status.ASKED).first()
    if going_on is not None:
        return going_on
    if Export.objects.filter(user=user, asked_at__gt=timezone.now() - timedelta(days=1)).count() >= A_DAY:
        raise ExportRefused(_("You asked often today. The links we sent still work; ask again tomorrow."))
    try:
        with transaction.atomic():
            export = Export.objects.create(user=user)
            transaction.on_commit(lambda: _nudge(export))
    except IntegrityError:
        # Another tab was faster.
        return Export.objects.filter(user=user).latest("pk")
    return export


def make(export: Export) -> bool:
    """Put an export together and send its link; return whether this call did it.

    The link is sent before the row says so: who falls over in between sends a second link, and none is lost.
    """
    now = timezone.now()
    if not Export.objects.waiting(at=now).filter(pk=export.pk).update(claimed_at=now):
        return False
    export.refresh_from_db()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    if not _keep(export, hash_of(token), claimed_at=now):
        return False
    url = whole_address("accounts:download_export", token)
    context = {"url": url, "days": DAYS_KEPT}
    send_letter("accounts/mail/export", to=export.user.email, context=context, language=export.user.language)
    return bool(Export.objects.filter(pk=export.pk, claimed_at=now).update(status=Export.Status.READY))


def export_at(token: str, user: User) -> Export | None:
    """Return the export a link leads to, for nobody but the person it is about."""
    export = Export.objects.filter(token_hash=hash_of(token), user=user).first()
    return None if export is None or export.is_expired() else export


def erase_exports(user: User) -> None:
    """Throw all exports of a person away, files included."""
    _throw_away(list(Export.objects.filter(user=user)))


def clear_exports() -> None:
    """Throw away exports whose days are over, and files that no row knows any more."""
    _throw_away(list(Export.objects.expired()[:SWEEP_SIZE]))
    storage = private_storage()
    try:
        names = [f"{FOLDER}/{name}" for name in storage.listdir(FOLDER)[1]]
    except FileNotFoundError:
        return
    known = set(Export.objects.filter(file__in=names).values_list("file", flat=True))
    yesterday = timezone.now() - timedelta(days=1)
    for name in names:
        if name not in known and storage.get_modified_time(name) < yesterday:
            storage.delete(name)


def _keep(export: Export, token_hash: str, *, claimed_at: datetime) -> bool:
    """Write the file, and note it on the row unless somebody else took that over in the meantime."""
    before = export.file.name
    with tempfile.TemporaryFile() as archive:
        write_archive(export.user, archive)
        archive.seek(0)
        export.file.save("", File(archive), save=False)
    export.expires_at = timezone.now() + timedelta(days=DAYS_KEPT)
    is_ours = Export.objects.filter(pk=export.pk, claimed_at=claimed_at).update(
        file=export.file.name, token_hash=token_hash, expires_at=export.expires_at
    )
    superseded = before if is_ours else export.file.name
    if superseded:
        private_storage().delete(superseded)
    return bool(is_ours)


def write_archive(user: User, target: IO[bytes]) -> None:
    """Write a ZIP: one JSON file an app, and the files themselves."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in privacy.parts.values():
            text = json.dumps(part.export(user), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
            archive.writestr(f"{part.name}.json", text)
            for name, file in part.files(user) if part.files else ():
                with file.open("rb") as source, archive.open(f"{part.name}/{name}", "w") as entry:
                    while chunk := source.read(COPY_BYTES):
                        entry.write(chunk)


def _throw_away(exports: list[Export]) -> None:
    names = [str(export.file.name) for export in exports if export.file]
    Export.objects.filter(pk__in=[export.pk for export in exports]).delete()
    transaction.on_commit(lambda: _delete_files(names))


def _delete_files(names: list[str]) -> None:
    for name in names:
        private_storage().delete(name)


def _nudge(export: Export) -> None:
    from accounts.tasks import make_export

    make_export.delay(export.pk)
