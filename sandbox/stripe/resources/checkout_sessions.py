"""Checkout sessions."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.discounts import read_offers
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import equal, found, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.routing import api
from sandbox.stripe.saving_cards import new_setup_intent
from sandbox.stripe.session_lines import price_session, read_lines
from sandbox.stripe.sessions import expire_session
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import read_trial_settings
from sandbox.stripe.taxing import read_automatic_tax, require_address

BASE = "/v1/checkout/sessions"
LIFETIME_SECONDS = 86400
MIN_LIFETIME_SECONDS = 30 * 60
SUBMIT_TYPES = ("auto", "book", "donate", "pay", "subscribe")
# They change how Stripe's own page looks or what else it asks for; this page shows the purchase alone.
WITHOUT_EFFECT = ("adaptive_pricing", "billing_address_collection", "branding_settings", "consent_collection",
                  "custom_fields", "excluded_payment_method_types", "payment_method_configuration",
                  "payment_method_options", "phone_number_collection", "saved_payment_method_options",
                  "tax_id_collection")  # fmt: skip


@api.add("POST", BASE)
def create(account: Account, params: Params) -> JSON:
    """Create a Checkout session."""
    mode = params.choice("mode", ("payment", "setup", "subscription")) or "payment"
    session = _blank(account, params, mode)
    if session["customer"] and session["customer_email"]:
        raise invalid("You may only specify one of these parameters: customer, customer_email.", "customer_email")
    notes: JSON = {
        "customer_update": _customer_update(account, params, session),
        "line_items": [],
        "offers": [],
        "payment_intent_data": _payment_intent_data(params, mode),
        "setup_intent_data": _setup_intent_data(params, mode),
        "subscription_data": _subscription_data(params, mode),
    }
    if mode == "setup":
        return _set_up(account, params, session, notes)
    notes["line_items"], session["currency"] = read_lines(account, params, mode)
    account.save(session, **notes)
    offers = read_offers(account, params, session["customer"])
    if offers and session["allow_promotion_codes"]:
        raise invalid("You may only specify one of these parameters: allow_promotion_codes, discounts.", "discounts")
    return price_session(account, session, offers)


def _set_up(account: Account, params: Params, session: JSON, notes: JSON) -> JSON:
    intent = new_setup_intent(account, session["customer"], notes["setup_intent_data"])
    session |= {
        "amount_subtotal": None,
        "amount_total": None,
        "currency": params.text("currency"),
        "discounts": [],
        "payment_status": "no_payment_required",
        "setup_intent": intent["id"],
        "total_details": None,
    }
    return account.save(session, **notes)


def _blank(account: Account, params: Params, mode: str) -> JSON:
    id = account.new_id("cs_test_a1", 56).replace("cs_test_a1_", "cs_test_a1")
    customer = params.text("customer")
    if customer and account.get("customer", customer, "customer").get("deleted"):
        raise invalid(f"No such customer: '{customer}'", "customer", "resource_missing")
    params.choice("ui_mode", ("hosted_page",), "hosted_page")
    params.accept(*WITHOUT_EFFECT)
    nulls = ("after_expiration", "billing_address_collection", "client_secret", "collected_information", "consent",
             "consent_collection", "currency_conversion", "customer_details", "integration_identifier", "invoice",
             "payment_intent", "payment_link", "payment_method_configuration_details",
             "permissions", "recovered_from", "saved_payment_method_options", "setup_intent",
             "shipping_address_collection", "shipping_cost", "subscription")  # fmt: skip
    return dict.fromkeys(nulls) | {
        "id": id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "allow_promotion_codes": params.flag("allow_promotion_codes"),
        "automatic_tax": _automatic_tax(params),
        "cancel_url": _url(params, "cancel_url"),
        "client_reference_id": params.text("client_reference_id"),
        "created": account.now,
        "custom_fields": [],
        "custom_text": _custom_text(params),
        "customer": customer,
        "customer_creation": _customer_creation(params, mode),
        "customer_email": params.text("customer_email"),
        "expires_at": _expiry(account, params),
        "invoice_creation": _invoice_creation(params, mode),
        "livemode": False,
        "locale": params.text("locale"),
        "metadata": params.metadata(),
        "mode": mode,
        "origin_context": params.choice("origin_context", ("mobile_app", "web")),
        "payment_method_collection": params.choice("payment_method_collection", ("always", "if_required"), "always"),
        "payment_method_options": {},
        "payment_method_types": ["card", "sepa_debit"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "submit_type": params.choice("submit_type", SUBMIT_TYPES),
        "success_url": _url(params, "success_url", is_required=True),
        "ui_mode": "hosted_page",
        "url": f"{account.base_url}/pay/{id}",
        "wallet_options": None,
    }


def _automatic_tax(params: Params) -> JSON:
    if not read_automatic_tax(params):
        return {"enabled": False, "liability": None, "provider": None, "status": None}
    return {"enabled": True, "liability": {"type": "self"}, "provider": "stripe", "status": "complete"}


def _customer_update(account: Account, params: Params, session: JSON) -> JSON:
    section = params.section("customer_update")
    if section and not session["customer"]:
        raise invalid("`customer_update` can only be used with `customer`.", "customer_update")
    update = {key: section.choice(key, ("auto", "never"), "never") if section else "never" for key in ("address", "name", "shipping")}
    if session["automatic_tax"]["enabled"]:
        customer = account.get("customer", session["customer"]) if session["customer"] else None
        require_address(customer, is_collected=update["address"] == "auto")
    return update


def _invoice_creation(params: Params, mode: str) -> JSON | None:
    section = params.section("invoice_creation")
    if mode != "payment":
        if section:
            raise invalid("`invoice_creation` can only be used in `payment` mode.", "invoice_creation")
        return None
    data = (section and section.section("invoice_data")) or Params({})
    data.accept("account_tax_ids", "issuer", "rendering_options")
    return {
        "enabled": bool(section and section.flag("enabled")),
        "invoice_data": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": data.text("description"),
            "footer": data.text("footer"),
            "issuer": None,
            "metadata": data.metadata(),
            "rendering_options": None,
        },
    }


def _setup_intent_data(params: Params, mode: str) -> JSON:
    section = params.section("setup_intent_data")
    if section is None:
        return {}
    if mode != "setup":
        raise invalid(f"You can not pass `setup_intent_data` in `{mode}` mode.", "setup_intent_data")
    return {"description": section.text("description"), "metadata": section.metadata()}


def _payment_intent_data(params: Params, mode: str) -> JSON:
    section = params.section("payment_intent_data")
    if section is None:
        return {}
    if mode != "payment":
        raise invalid(f"You can not pass `payment_intent_data` in `{mode}` mode.", "payment_intent_data")
    return {
        "description": section.text("description"),
        "metadata": section.metadata(),
        "receipt_email": section.text("receipt_email"),
        "statement_descriptor": section.text("statement_descriptor"),
        "setup_future_usage": section.choice("setup_future_usage", ("off_session", "on_session")),
        "statement_descriptor_suffix": section.text("statement_descriptor_suffix"),
    }


def _subscription_data(params: Params, mode: str) -> JSON:
    section = params.section("subscription_data")
    if section is None:
        return {}
    if mode != "subscription":
        raise invalid(f"You can not pass `subscription_data` in `{mode}` mode.", "subscription_data")
    if billing_mode := section.section("billing_mode"):
        billing_mode.choice("type", ("classic", "flexible"))
    section.accept("proration_behavior", "invoice_settings")
    return {
        "fields": {"description": section.text("description")} | read_trial_settings(section),
        "metadata": section.metadata(),
        "trial_end": section.integer("trial_end"),
        "trial_period_days": section.integer("trial_period_days"),
    }


def _custom_text(params: Params) -> JSON:
    section = params.section("custom_text")
    keys = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    text: JSON = dict.fromkeys(keys)
    for key in keys:
        if section and (part := section.section(key)):
            text[key] = {"message": part.required("message")}
    return text


def _customer_creation(params: Params, mode: str) -> str | None:
    chosen = params.choice("customer_creation", ("always", "if_required"))
    if mode == "subscription":
        if chosen:
            raise invalid("`customer_creation` can only be used in `payment` and `setup` mode.", "customer_creation")
        return "always"
    return chosen or "if_required"


def _expiry(account: Account, params: Params) -> int:
    moment = params.integer("expires_at", account.now + LIFETIME_SECONDS) or 0
    # A minute's grace: the caller's clock and this one differ by the time a request takes.
    if not MIN_LIFETIME_SECONDS - 60 <= moment - account.now <= LIFETIME_SECONDS + 60:
        raise invalid("The `expires_at` timestamp must be from 30 minutes to 24 hours ahead.", "expires_at")
    return moment


def _url(params: Params, key: str, *, is_required: bool = False) -> str | None:
    url = params.required(key) if is_required else params.text(key)
    if url is not None and not url.startswith(("http://", "https://")):
        raise invalid("Not a valid URL", key, "url_invalid")
    return url


@api.add("GET", BASE)
def list_all(account: Account, params: Params) -> JSON:
    """List Checkout sessions, newest first."""
    filters = equal(params, "customer", "subscription", "payment_intent", "status")
    if details := params.section("customer_details"):
        filters["customer_details__email"] = details.required("email")
    return paginate(account, params, found(account, params, "checkout.session", **filters), BASE)


@api.add("GET", BASE + "/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one Checkout session."""
    return account.get("checkout.session", id)


@api.add("GET", BASE + "/{id}/line_items")
def list_line_items(account: Account, params: Params, id: str) -> JSON:
    """List what a session sells."""
    account.get("checkout.session", id)
    return paginate(account, params, account.store.notes(id)["line_items"], f"{BASE}/{id}/line_items")


@api.add("POST", BASE + "/{id}/expire")
def expire(account: Account, params: Params, id: str) -> JSON:
    """Close an open session."""
    return expire_session(account, account.get("checkout.session", id))
