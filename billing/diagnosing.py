"""Whether Stripe, its webhooks and what is sold are set up as we need them; each check answers with one finding."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from billing import stripe_client
from billing.events import HANDLED_KINDS
from billing.models import Mail, Price, WebhookEvent
from billing.stripe_client import JSON, StripeCallError
from magazine.addresses import whole_address
from magazine.findings import Finding, fault, ok

# How far clocks may be apart before signatures of webhooks are refused; half of what is tolerated.
SKEW_SECONDS = 150
# What waits longer than this shows that no worker runs.
PATIENCE = timedelta(minutes=30)


def check_key() -> Finding:
    """Look at the key's mode, and whether it may do what we do."""
    mode = "live" if stripe_client.is_live() else "test"
    try:
        missing = stripe_client.missing_permissions()
    except StripeCallError as error:
        return fault(f"Stripe did not answer ({error}). Check STRIPE_SECRET_KEY and the way out to {settings.STRIPE_API_BASE}.")
    if missing:
        return fault(f"The key may not read {', '.join(missing)}. Give it the permissions listed in docs/stripe.md.")
    return ok(f"Stripe answers to our {mode} key, which may read all that we need.")


def check_clock() -> Finding:
    """Compare our clock with Stripe's."""
    try:
        theirs = stripe_client.server_time()
    except StripeCallError as error:
        return fault(f"Stripe did not answer ({error}), so the clock could not be compared.")
    seconds = round(abs((timezone.now() - theirs).total_seconds()))
    if seconds > SKEW_SECONDS:
        return fault(f"Our clock and Stripe's are {seconds} s apart, and webhooks are refused from 300 s on. Set the clock by NTP.")
    return ok(f"Our clock and Stripe's are {seconds} s apart.")


def check_webhook() -> Finding:
    """Look for an endpoint at Stripe that sends us all we handle, in our version."""
    if settings.SANDBOX:
        return ok("The stand-in for Stripe delivers its webhooks here by itself.")
    url = whole_address("billing:stripe_webhook")
    try:
        endpoints = [endpoint for endpoint in stripe_client.list_webhook_endpoints() if endpoint["url"] == url]
    except StripeCallError as error:
        return fault(f"Stripe did not say where it sends webhooks ({error}).")
    enabled = [endpoint for endpoint in endpoints if endpoint["status"] == "enabled"]
    if not enabled:
        return fault(f"Stripe has no enabled webhook endpoint for {url}. Add one, as docs/stripe.md says.")
    return _check_endpoint(enabled[0])


def check_prices() -> Finding:
    """See that all that is on sale is known to Stripe, and on sale there too."""
    on_sale = list(Price.objects.on_sale().select_related("plan"))
    if not on_sale:
        return ok("Nothing is on sale yet. Write plans and prices in the newsroom.")
    unknown = [price for price in on_sale if not price.stripe_price_id]
    try:
        closed = [price for price in on_sale if price.stripe_price_id and not stripe_client.get_price(price.stripe_price_id)["active"]]
    except StripeCallError as error:
        what = f"A price could not be looked up at Stripe ({error})."
        return fault(f"{what} If the key is meant to be another account's, make the plans anew there, in their list in the newsroom.")
    if closed:
        return fault(f"Archived at Stripe, but on sale here: {_listed(closed)}.")
    if unknown:
        return ok(f"Not yet at Stripe, and made there with the first sale: {_listed(unknown)}.")
    return ok(f"All {len(on_sale)} prices are on sale at Stripe.")


def check_work() -> Finding:
    """See that no event and no mail waits longer than a worker would let it."""
    before = timezone.now() - PATIENCE
    events = WebhookEvent.objects.waiting(at=before).count()
    mails = Mail.objects.waiting(at=before).count()
    if events or mails:
        return fault(f"{events} events and {mails} mails wait for more than half an hour. Does the worker run, with beat?")
    given_up = WebhookEvent.objects.dead().count()
    if given_up:
        return fault(f"{given_up} events from Stripe were given up. Look at them in the newsroom, and do them again.")
    return ok("No event and no mail waits.")


def _check_endpoint(endpoint: JSON) -> Finding:
    if endpoint["api_version"] != settings.STRIPE_API_VERSION:
        theirs = endpoint["api_version"] or "the account's version"
        return fault(f"The webhook endpoint speaks {theirs}; make one that speaks {settings.STRIPE_API_VERSION}.")
    events = set(endpoint["enabled_events"])
    missing = set() if "*" in events else HANDLED_KINDS - events
    if missing:
        return fault(f"The webhook endpoint does not send {', '.join(sorted(missing))}. Add them.")
    if not settings.STRIPE_WEBHOOK_SECRETS:
        return fault("STRIPE_WEBHOOK_SECRET is not set: every webhook is refused. Copy the endpoint's signing secret.")
    last = WebhookEvent.objects.order_by("-received_at").values_list("received_at", flat=True).first()
    came = f"the last one came {last:%Y-%m-%d %H:%M} UTC" if last else "none came yet; send a test event from the dashboard"
    return ok(f"Stripe sends webhooks here in our version; {came}.")


def _listed(prices: list[Price]) -> str:
    return "; ".join(str(price) for price in prices)


CHECKS = {"stripe": check_key, "webhook": check_webhook, "prices": check_prices, "clock": check_clock, "work": check_work}
