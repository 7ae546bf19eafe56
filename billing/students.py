"""The students' price: proved once a year, by an address of a university or a document that the newsroom looks at."""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from billing.mails import queue_mail
from billing.models import Price, PriceMove, SellingRules, StudentProof, Subscription
from billing.moving import plan_move
from magazine.addresses import whole_address

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)

REMINDER = timedelta(days=30)
NOTICE = timedelta(days=14)


def is_student(user: "User", *, at: datetime | None = None) -> bool:
    """Say whether a reader has proved that they study."""
    return StudentProof.objects.in_force(at=at).filter(user=user).exists()


def sold_to(user: "User") -> QuerySet[Price]:
    """Return the prices that a reader may buy."""
    everybodys = Price.objects.on_sale()
    return everybodys | Price.objects.for_proven_students() if is_student(user) else everybodys


def has_university_address(user: "User") -> bool:
    """Say whether the address that a reader signs in by, which is proved, belongs to a university that the editor knows."""
    domain = user.email.rpartition("@")[2].lower()
    return any(domain == known or domain.endswith(f".{known}") for known in SellingRules.load().student_domain_list)


def prove_by_address(user: "User") -> bool:
    """Accept a reader whose address proves that they study; False if it doesn't."""
    if not has_university_address(user):
        return False
    with transaction.atomic():
        proof, _is_new = StudentProof.objects.get_or_create(
            user=user, state=StudentProof.State.WAITING, defaults={"kind": StudentProof.Kind.ADDRESS}
        )
    decide(proof, StudentProof.State.ACCEPTED)
    return True


def hand_in(user: "User", evidence: UploadedFile) -> bool:
    """Keep a document for the newsroom to look at; False if one waits already."""
    proof = StudentProof(user=user, kind=StudentProof.Kind.EVIDENCE, evidence=evidence)
    try:
        with transaction.atomic():
            proof.save()
    except IntegrityError:
        # The file was written before the row was refused, and nobody would ever find it there to erase it.
        proof.evidence.delete(save=False)
        return False
    return True


def decide(proof: StudentProof, state: str, *, by: "User | None" = None) -> bool:
    """Decide on a proof, tell its reader, and erase the document; False if it was decided before."""
    with transaction.atomic():
        if not proof.settle(state, by=by):
            return False
        name = proof.evidence.name
        if name:
            StudentProof.objects.filter(pk=proof.pk).update(evidence="")
            transaction.on_commit(lambda: proof.evidence.storage.delete(name))
        context = {
            "students_url": whole_address("billing:students"),
            "valid_until": proof.valid_until.isoformat() if proof.valid_until else "",
        }
        queue_mail(f"student_{state}", key=f"student:{proof.pk}:{state}", to=proof.user, context=context)
        if state == StudentProof.State.ACCEPTED:
            for move in PriceMove.objects.waiting().filter(migration=None, subscription__user=proof.user):
                move.settle(PriceMove.State.LEFT)
    return True


def look_after_students() -> None:
    """Remind those whose proof ends soon, and give notice to those whose proof has ended."""
    now = timezone.now()
    for row in (
        Subscription.objects.personal().live().filter(price__for_students=True, cancel_at=None).select_related("user", "price__plan")
    ):
        last = StudentProof.objects.filter(user=row.user, state=StudentProof.State.ACCEPTED).order_by("-valid_until").first()
        if last is None or last.valid_until is None or last.valid_until <= now:
            _end_student_price(row, now)
        elif last.valid_until <= now + REMINDER:
            context = {
                "students_url": whole_address("billing:students"),
                "valid_until": last.valid_until.isoformat(),
            }
            queue_mail("student_reminder", key=f"student:{last.pk}:reminder", to=row.user, context=context)


def _end_student_price(row: Subscription, now: datetime) -> None:
    if row.price is None or PriceMove.objects.waiting().filter(subscription=row).exists():
        return
    ordinary = Price.objects.on_sale().filter(plan=row.price.plan, interval=row.price.interval, currency=row.price.currency, is_least=False)
    to = ordinary.select_related("plan").first()
    if to is None:
        logger.error("There is no ordinary price beside %s for subscription %s.", row.price_id, row.pk)
        return
    plan_move(row, to=to, not_before=now + NOTICE, mail="student_ended")
