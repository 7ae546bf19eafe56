"""Checkout sessions."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.discounts import read_offers
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import equal, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.resources.prices import add_price, amount_in
from sandbox.stripe.routing import api
from sandbox.stripe.sessions import expire_session, price_session
from sandbox.stripe.store import JSON

BASE = "/v1/checkout/sessions"
LIFETIME_SECONDS = 86400
MIN_LIFETIME_SECONDS = 30 * 60
SUBMIT_TYPES = ("auto", "book", "donate", "pay", "subscribe")
# They change how Stripe's own page looks or what else it asks for; this page shows the purchase alone.
WITHOUT_EFFECT = ("automatic_tax", "billing_address_collection", "branding_settings", "consent_collection",
                  "custom_fields", "customer_update", "excluded_payment_method_types", "invoice_creation",
                  "payment_method_configuration", "payment_method_options", "phone_number_collection",
                  "saved_payment_method_options", "tax_id_collection")  # fmt: skip


@api.add("POST", BASE)
def create(account: Account, params: Params) -> JSON:
    """Create a Checkout session."""
    mode = params.choice("mode", ("payment", "subscription")) or "payment"
    session = _blank(account, params, mode)
    if session["customer"] and session["customer_email"]:
        raise invalid("You may only specify one of these parameters: customer, customer_email.", "customer_email")
    rows, currency = _line_items(account, params, mode)
    session["currency"] = currency
    notes: JSON = {
        "line_items": rows,
        "offers": [],
        "payment_intent_data": _payment_intent_data(params, mode),
        "subscription_data": _subscription_data(params, mode),
    }
    account.save(session, **notes)
    offers = read_offers(account, params, session["customer"])
    if offers and session["allow_promotion_codes"]:
        raise invalid("You may only specify one of these parameters: allow_promotion_codes, discounts.", "discounts")
    price_session(account, session, offers)
    if notes["subscription_data"].get("trial_period_days") or notes["subscription_data"].get("trial_end"):
        account.change(session, None, amount_total=0, amount_subtotal=0)
    return session


def _blank(account: Account, params: Params, mode: str) -> JSON:
    id = account.new_id("cs_test_a1", 56).replace("cs_test_a1_", "cs_test_a1")
    customer = params.text("customer")
    if customer and account.get("customer", customer, "customer").get("deleted"):
        raise invalid(f"No such customer: '{customer}'", "customer", "resource_missing")
    params.choice("ui_mode", ("hosted_page",), "hosted_page")
    params.accept(*WITHOUT_EFFECT)
    nulls = ("after_expiration", "billing_address_collection", "client_secret", "collected_information", "consent",
             "consent_collection", "currency_conversion", "customer_details", "integration_identifier", "invoice",
             "invoice_creation", "payment_intent", "payment_link", "payment_method_configuration_details",
             "permissions", "recovered_from", "saved_payment_method_options", "setup_intent",
             "shipping_address_collection", "shipping_cost", "subscription")  # fmt: skip
    return dict.fromkeys(nulls) | {
        "id": id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "allow_promotion_codes": params.flag("allow_promotion_codes"),
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": _url(params, "cancel_url"),
        "client_reference_id": params.text("client_reference_id"),
        "created": account.now,
        "custom_fields": [],
        "custom_text": _custom_text(params),
        "customer": customer,
        "customer_creation": _customer_creation(params, mode),
        "customer_email": params.text("customer_email"),
        "expires_at": _expiry(account, params),
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


def _line_items(account: Account, params: Params, mode: str) -> tuple[list[JSON], str]:
    wanted = params.text("currency")
    rows: list[JSON] = []
    currency = wanted
    for section in params.objects("line_items"):
        price = _price(account, section)
        amount, currency = amount_in(account, price, currency)
        quantity = section.integer("quantity", 1) or 0
        if quantity < 1:
            raise invalid("Invalid integer: quantity must be at least 1", section.name("quantity"))
        if mode == "payment" and price["type"] == "recurring":
            raise invalid("You specified `payment` mode but passed a recurring price.", section.name("price"))
        if mode == "subscription" and price["type"] != "recurring":
            raise invalid("The sandbox sells recurring prices only in `subscription` mode.", section.name("price"))
        product = account.get("product", price["product"])
        rows.append(_row(account, price, name=product["name"], amount=amount * quantity, currency=currency, quantity=quantity))
    if not rows or currency is None:
        raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    return rows, currency


def _price(account: Account, section: Params) -> JSON:
    data = section.section("price_data")
    if data is not None:
        return add_price(account, data, active=False)
    price = account.get("price", section.required("price"), section.name("price"))
    if not price["active"]:
        raise invalid("The price specified is inactive. This field only accepts active prices.", section.name("price"))
    return price


def _row(account: Account, price: JSON, *, name: str, amount: int, currency: str, quantity: int) -> JSON:
    return {
        "id": account.new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": currency,
        "description": name,
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def _payment_intent_data(params: Params, mode: str) -> JSON:
    section = params.section("payment_intent_data")
    if section is None:
        return {}
    if mode != "payment":
        raise invalid("You can not pass `payment_intent_data` in `subscription` mode.", "payment_intent_data")
    return {
        "description": section.text("description"),
        "metadata": section.metadata(),
        "receipt_email": section.text("receipt_email"),
        "setup_future_usage": section.choice("setup_future_usage", ("off_session", "on_session")),
        "statement_descriptor_suffix": section.text("statement_descriptor_suffix"),
    }


def _subscription_data(params: Params, mode: str) -> JSON:
    section = params.section("subscription_data")
    if section is None:
        return {}
    if mode != "subscription":
        raise invalid("You can not pass `subscription_data` in `payment` mode.", "subscription_data")
    if billing_mode := section.section("billing_mode"):
        billing_mode.choice("type", ("classic", "flexible"))
    if trial_settings := section.section("trial_settings"):
        trial_settings.accept("end_behavior")
    section.accept("proration_behavior", "invoice_settings")
    return {
        "fields": {"description": section.text("description")},
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
    return paginate(account, params, account.store.find("checkout.session", **filters), BASE)


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
