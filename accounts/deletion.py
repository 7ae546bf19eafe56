"""Delete an account: asked for, undone within days, carried out by a sweep."""

import logging

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from accounts import privacy
from accounts.exporting import erase_exports
from accounts.letters import send_letter
from accounts.models import Deletion, User
from accounts.pictures import remove_picture
from accounts.privacy import DeletionRefused
from magazine.addresses import whole_address

logger = logging.getLogger(__name__)


def ask_for_deletion(user: User, *, erases_comments: bool) -> Deletion:
    """Let an account be deleted when the days to undo it are over, and sign it out everywhere; raises DeletionRefused.

    The parts are asked before the transaction, because ending a subscription needs the network. Asking again keeps the first date.
    """
    _prepare(user, for_good=False)
    with transaction.atomic():
        deletion, _created = Deletion.objects.get_or_create(user=user)
        deletion.erases_comments = erases_comments
        deletion.save(update_fields=["erases_comments"])
        transaction.on_commit(lambda: _tell(deletion))
    user.sign_out_everywhere()
    return deletion


def undo_deletion(user: User) -> bool:
    """Keep the account after all; return whether there was anything to undo."""
    count, _by_model = Deletion.objects.filter(user=user).delete()
    return count > 0


def carry_out(deletion: Deletion) -> bool:
    """Delete the person if the wish is still due; return whether they are gone.

    A part that refuses now (a subscription begun in the meantime that can't be ended) leaves everything for the next sweep.
    """
    user = deletion.user
    try:
        _prepare(user, for_good=True)
    except DeletionRefused as refusal:
        logger.error("Account %s is due for deletion, but: %s", user.pk, refusal)
        return False
    user.sign_out_everywhere()
    address, language = user.email, user.language
    with transaction.atomic():
        due = Deletion.objects.due().select_for_update().filter(pk=deletion.pk).first()
        if due is None:
            return False
        for part in privacy.parts.values():
            if part.erase is not None:
                part.erase(user, due.erases_comments)
        due.delete()
        _forget(user)
        transaction.on_commit(lambda: send_letter("accounts/mail/deleted", to=address, context={}, language=language))
    return True


def erase_own_files(user: User, words_too: bool) -> None:
    """Throw away the picture and all exports; a row that stays behind must not lead to them."""
    remove_picture(user)
    user.picture = ""
    erase_exports(user)


def _prepare(user: User, *, for_good: bool) -> None:
    if user.is_superuser and not User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).exists():
        raise DeletionRefused(_("You are the only one who runs the newsroom. Make somebody else an editor-in-chief first."))
    for part in privacy.parts.values():
        if part.before_deletion is not None:
            part.before_deletion(user, for_good)


def _forget(user: User) -> None:
    """Delete the row; where the law keeps what refers to it (payments), leave a row that names nobody."""
    try:
        with transaction.atomic():
            user.delete()
    except (ProtectedError, RestrictedError):
        EmailAddress.objects.filter(user=user).delete()
        Authenticator.objects.filter(user=user).delete()
        SocialAccount.objects.filter(user=user).delete()
        user.groups.clear()
        user.user_permissions.clear()
        user.email, user.name, user.language = f"deleted-{user.pk}@deleted.invalid", "", ""
        user.is_active = user.is_staff = user.is_superuser = False
        user.set_unusable_password()
        user.save()


def _tell(deletion: Deletion) -> None:
    context = {"deletion": deletion, "undo_url": whole_address("accounts:delete")}
    send_letter("accounts/mail/deletion", to=deletion.user.email, context=context, language=deletion.user.language)
