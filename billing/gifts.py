"""Gift subscriptions: sold once, delivered by mail or by hand, accepted elsewhere (`billing.redeeming`), ended when the money goes back."""

import logging
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from billing.catalogue import price_at_stripe
from billing.mails import drop_mails, queue_mail
from billing.models import CheckoutAttempt, Customer, GiftSubscription, Grant, Kind, Mail, Payment, Plan, Price, SellingRules
from billing.models.plans import display_amount
from billing.offers import rate_card
from billing.options import tax_options
from billing.purchases import start_purchase
from billing.stripe_client import JSON
from magazine.addresses import whole_address
from magazine.months import MONTHS_A_YEAR
from magazine.tokens import hash_of

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)

SALT = "billing.gifts.link"
# How long the link of a gift can be used, from the day it is delivered.
LINK_DAYS = 2 * 365
# What was begun and never paid is forgotten then, and the address of whom a gift was for, if it was never accepted.
DRAFT_DAYS = 30
ADDRESS_DAYS = 90


# What is sold ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """Some months of a plan, at what they cost now."""

    price: Price
    months: int
    amount: int

    @property
    def plan(self) -> Plan:
        """Return the plan that is given."""
        return self.price.plan

    @property
    def choice(self) -> str:
        """Return the name of the offer in a form; it says nothing of the amount."""
        return f"{self.plan.slug}:{self.months}"

    @property
    def length(self) -> str:
        """Return how long it is, as readers are told."""
        return str(GiftSubscription.Months(self.months).label)

    @property
    def display(self) -> str:
        """Return the amount as readers see it."""
        return display_amount(self.amount, self.price.currency)


def gift_offers(currency: str = "") -> list[GiftOffer]:
    """Return what can be given in a currency, the longest of each plan first: months at the monthly price, a year at the yearly."""
    by_plan: dict[int, dict[str, Price]] = {}
    for offer in rate_card(currency).offers:
        if not offer.plan.is_giftable:
            continue
        by_plan.setdefault(offer.plan.pk, {})[offer.price.interval] = offer.price
    return [offer for prices in by_plan.values() for offer in _offers_of(prices)]


def _offers_of(prices: dict[str, Price]) -> Iterator[GiftOffer]:
    month, year = prices.get(Price.Interval.MONTH), prices.get(Price.Interval.YEAR)
    if year is not None:
        yield GiftOffer(year, GiftSubscription.Months.YEAR, year.amount)
    elif month is not None:
        yield GiftOffer(month, GiftSubscription.Months.YEAR, month.amount * MONTHS_A_YEAR)
    if month is not None:
        for months in (GiftSubscription.Months.THREE, GiftSubscription.Months.ONE):
            yield GiftOffer(month, months, month.amount * months)


def start_gift(user: "User", offer: GiftOffer, *, cancel_path: str, **fields: Any) -> str:
    """Return the address at which a gift is paid; the same gift once more is the same purchase. Raises StripeCallError."""
    price_at_stripe(offer.price)
    product = Plan.objects.values_list("stripe_product_id", flat=True).get(pk=offer.plan.pk)
    gift = _draft(
        user,
        plan=offer.plan,
        months=offer.months,
        currency=offer.price.currency,
        amount=offer.amount,
        language=get_language() or "",
        **fields,
    )
    rules = SellingRules.load()
    line = {"currency": gift.currency.lower(), "unit_amount": gift.amount, "product": product, "tax_behavior": rules.tax_behavior}
    params = {"mode": "payment", "submit_type": "pay", "line_items": [{"quantity": 1, "price_data": line}]}
    params |= tax_options() if rules.collects_tax else {}
    return start_purchase(user, kind=Kind.GIFT, subject_id=gift.pk, params=params, cancel_path=cancel_path)


def _draft(user: "User", **fields: Any) -> GiftSubscription:
    """Return the row of a gift to be paid, the one begun before if it says the same."""
    with Customer.objects.held(user):
        begun = GiftSubscription.objects.filter(buyer=user, paid_at=None, **fields).first()
        return begun or GiftSubscription.objects.create(buyer=user, **fields)


# Paid ------------------------------------------------------------------------------------------------------------


def fulfil(attempt: CheckoutAttempt, session: JSON) -> None:
    """Make a paid gift one that can be accepted, and have its mails sent; see `billing.kinds.Purchase`."""
    gift = GiftSubscription.objects.select_for_update().filter(pk=attempt.subject_id or 0, buyer=attempt.user_id).first()
    if gift is None or gift.is_paid:
        return
    # Without tax, which comes on top in some countries.
    if (session["amount_subtotal"], session["currency"].upper()) != (gift.amount, gift.currency):
        logger.error("Session %s paid another amount than gift %s costs; nothing was given.", session["id"], gift.pk)
        return
    moment = timezone.now()
    gift.paid_at = moment
    gift.expires_at = max(moment, gift.deliver_at or moment) + timedelta(days=LINK_DAYS)
    gift.token_hash = hash_of(next(_tokens(gift)))
    gift.stripe_payment_intent_id = session["payment_intent"]
    gift.save()
    queue_mail("gift_bought", key=f"gift:{gift.pk}:bought", to=attempt.user, context={"gift": gift.pk}, language=gift.language)
    _queue_delivery(gift)
    for payment in Payment.objects.filter(kind=Kind.GIFT, stripe_payment_intent_id=gift.stripe_payment_intent_id):
        follow_money(payment)


def follow_money(payment: Payment) -> None:
    """End what a gift gives while its money is gone back, and give it again once it returns; see `billing.kinds.Purchase`."""
    if payment.stripe_payment_intent_id is None:
        return
    # Locked only where the money moved: two gifts of one giver are else in the way of each other's readers.
    moved = GiftSubscription.objects.filter(
        stripe_payment_intent_id=payment.stripe_payment_intent_id, withdrawn_at__isnull=not payment.is_standing
    )
    gift = moved.select_for_update().first()
    if gift is None:
        return
    was_gone_since, gift.withdrawn_at = gift.withdrawn_at, None if payment.is_standing else timezone.now()
    gift.save(update_fields=["withdrawn_at"])
    _follow(gift, was_gone_since)


def revoke(gift: GiftSubscription) -> bool:
    """Withdraw a gift for good, by an editor's hand; nothing is refunded by it. False if there was nothing to withdraw."""
    with transaction.atomic():
        if not GiftSubscription.objects.paid().filter(pk=gift.pk, revoked_at=None).update(revoked_at=timezone.now()):
            return False
        _follow(GiftSubscription.objects.select_for_update().get(pk=gift.pk))
    return True


def _follow(gift: GiftSubscription, was_gone_since: datetime | None = None) -> None:
    """Let mail and grant follow what became of a gift, and of the money that returned after a while."""
    if gift.state == GiftSubscription.State.REVOKED:
        drop_mails(key_prefix=_delivery_key(gift))
        _cut(gift)
    elif gift.redeemed_at is not None:
        _put_back(gift, was_gone_since or timezone.now())
    elif gift.mail is not None and gift.mail.status == Mail.Status.DROPPED:
        _renew(gift)


def _cut(gift: GiftSubscription) -> None:
    moment = timezone.now()
    # Locked: its reader's other gifts may be lined up at this moment, under another lock than ours.
    grant = Grant.objects.select_for_update().filter(pk=gift.grant_id or 0).first()
    if grant is None:
        return
    if grant.starts_at >= moment:
        grant.delete()
    elif grant.ends_at is None or grant.ends_at > moment:
        grant.ends_at = moment
        grant.save(update_fields=["ends_at"])
    _line_up(gift)


def _put_back(gift: GiftSubscription, was_gone_since: datetime) -> None:
    """Give again what was left of a gift when its money went: banks take months, and its reader loses none of them."""
    if gift.redeemed_by is None or gift.starts_at is None or gift.ends_at is None:
        return
    left = gift.ends_at - max(gift.starts_at, was_gone_since)
    if left <= timedelta():
        return
    gift.starts_at = max(gift.starts_at, timezone.now())
    gift.ends_at = gift.starts_at + left
    span = {"starts_at": gift.starts_at, "ends_at": gift.ends_at}
    if gift.grant is None:
        gift.grant = Grant.objects.create(user=gift.redeemed_by, kind=Grant.Kind.GIFT, plan=gift.plan, **span)
    else:
        Grant.objects.filter(gift=gift).update(**span)
    gift.save(update_fields=["grant", *span])
    _line_up(gift)


def _line_up(gift: GiftSubscription) -> None:
    """Have its reader's other gifts follow, under the reader's own lock: here the giver's is held."""
    from billing.tasks import line_up_gifts_of

    reader = gift.redeemed_by_id
    # Robust: a broker that is down must not undo what happened; the hourly look finds it.
    transaction.on_commit(lambda: line_up_gifts_of.delay(reader), robust=True)


# The link --------------------------------------------------------------------------------------------------------


def _tokens(gift: GiftSubscription) -> Iterator[str]:
    """Yield the token of a gift's present link, under each key that the site has had: 256 bits, of the row and a key that no row holds."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        code = salted_hmac(SALT, f"{gift.pk}.{gift.link_number}", secret=key, algorithm="sha256").digest()
        yield urlsafe_b64encode(code).decode().rstrip("=")


def link_of(gift: GiftSubscription) -> str:
    """Return the address where a gift is accepted; empty if it has none, or the key it was made with is gone."""
    token = next((token for token in _tokens(gift) if hash_of(token) == gift.token_hash), None)
    return whole_address("billing:gift_claim", token) if token else ""


def gift_of(token: str) -> GiftSubscription | None:
    """Return the gift of a token."""
    return GiftSubscription.objects.select_related("plan").filter(token_hash=hash_of(token)).first()


def renew_link(gift: GiftSubscription, *, recipient_email: str = "") -> bool:
    """Make a new link, which ends the one before, and mail it to whom the gift is for; False if it can't be accepted any more."""
    with transaction.atomic():
        gift = GiftSubscription.objects.select_for_update().get(pk=gift.pk)
        if not gift.is_redeemable():
            return False
        gift.recipient_email = recipient_email
        _renew(gift)
    return True


def _renew(gift: GiftSubscription) -> None:
    drop_mails(key_prefix=_delivery_key(gift))
    gift.link_number, gift.mail = F("link_number") + 1, None
    gift.save(update_fields=["link_number", "mail", "recipient_email"])
    gift.refresh_from_db()
    gift.token_hash = hash_of(next(_tokens(gift)))
    gift.save(update_fields=["token_hash"])
    _queue_delivery(gift)


def _queue_delivery(gift: GiftSubscription) -> None:
    if not gift.recipient_email:
        return
    send_at = max(timezone.now(), gift.deliver_at or timezone.now())
    key = f"{_delivery_key(gift)}{gift.link_number}"
    # The token is in none of our rows: the mail is told it when it is sent.
    gift.mail = queue_mail("gift", key=key, to=gift.recipient_email, context={"gift": gift.pk}, send_at=send_at, language=gift.language)
    gift.save(update_fields=["mail"])


def _delivery_key(gift: GiftSubscription) -> str:
    return f"gift:{gift.pk}:link:"


def late_context(mail: Mail) -> dict[str, Any] | None:
    """Return what the mails about a gift are told when they are sent; None once it can't be accepted (any more)."""
    gift = GiftSubscription.objects.select_related("plan").filter(pk=mail.context["gift"]).first()
    if gift is None or not gift.is_redeemable():
        return None
    return {"gift": gift, "url": link_of(gift), "account_url": whole_address("billing:gifts_bought")}


def tell_giver(gift: GiftSubscription) -> None:
    """Let a giver know that somebody accepted their gift; by whom is the recipient's to tell."""
    if gift.redeemed_by_id != gift.buyer_id:
        queue_mail("gift_accepted", key=f"gift:{gift.pk}:accepted", to=gift.buyer, context={"gift": gift.pk}, language=gift.language)


def accepted_context(mail: Mail) -> dict[str, Any] | None:
    """Return what the mail to a giver is told when it is sent; None once the gift was taken back."""
    gift = GiftSubscription.objects.select_related("plan").filter(pk=mail.context["gift"]).first()
    if gift is None or gift.state != GiftSubscription.State.REDEEMED:
        return None
    return {"gift": gift, "account_url": whole_address("billing:gifts_bought")}


# Forgotten -------------------------------------------------------------------------------------------------------


def forget_recipient(gift: GiftSubscription) -> None:
    """Forget for whom a gift was: the address is needed no more."""
    Mail.objects.filter(key__startswith=_delivery_key(gift)).exclude(status=Mail.Status.SENDING).delete()
    GiftSubscription.objects.filter(pk=gift.pk).update(recipient_email="")


def clear_old(*, at: datetime | None = None) -> None:
    """Delete gifts that were begun and never paid, and forget the addresses of those delivered long ago or accepted."""
    moment = at or timezone.now()
    still_open = CheckoutAttempt.objects.open().filter(kind=Kind.GIFT).values("subject_id")
    begun = GiftSubscription.objects.filter(paid_at=None, created_at__lt=moment - timedelta(days=DRAFT_DAYS))
    begun.exclude(pk__in=still_open).delete()
    # One accepted while its mail was being sent has kept that mail, and the address in it.
    named = GiftSubscription.objects.paid().exclude(recipient_email="", mail=None)
    delivered = named.filter(mail__sent_at__lt=moment - timedelta(days=ADDRESS_DAYS))
    for gift in (delivered | named.exclude(pk__in=GiftSubscription.objects.redeemable(at=moment))).distinct():
        forget_recipient(gift)
