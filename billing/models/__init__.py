"""The models of billing, by noun."""

from billing.models.cancellations import Cancellation
from billing.models.checkouts import CheckoutAttempt, Kind
from billing.models.contributions import Contribution, ContributionSettings
from billing.models.customers import Customer
from billing.models.doubles import DoubleSubscription
from billing.models.events import WebhookEvent
from billing.models.gifts import GiftSubscription
from billing.models.grants import Grant
from billing.models.groups import Group, Invitation, Membership, SeatOrder
from billing.models.mails import Mail
from billing.models.moves import PriceMigration, PriceMove
from billing.models.payments import Payment
from billing.models.plans import Plan, Price
from billing.models.reconciliations import Reconciliation
from billing.models.rules import SellingRules
from billing.models.settings import Question, SubscriptionSettings
from billing.models.students import StudentProof
from billing.models.subscriptions import Subscription
from billing.models.terms import Term

__all__ = [
    "Cancellation",
    "CheckoutAttempt",
    "Contribution",
    "ContributionSettings",
    "Customer",
    "DoubleSubscription",
    "GiftSubscription",
    "Grant",
    "Group",
    "Invitation",
    "Kind",
    "Mail",
    "Membership",
    "Payment",
    "Plan",
    "Price",
    "PriceMigration",
    "PriceMove",
    "Question",
    "Reconciliation",
    "SeatOrder",
    "SellingRules",
    "StudentProof",
    "Subscription",
    "SubscriptionSettings",
    "Term",
    "WebhookEvent",
]
