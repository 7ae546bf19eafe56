"""Who pays, and the portal where they look after it."""

from typing import Any

from billing.stripe_client.calling import JSON, client, is_there, one_fault, plain


@one_fault
def create_customer(*, email: str, name: str, metadata: dict[str, str]) -> JSON:
    """Create a customer."""
    return plain(client().v1.customers.create({"email": email, "name": name, "metadata": metadata}))


@one_fault
def change_address(customer_id: str, *, email: str) -> None:
    """Change the address that Stripe writes to."""
    client().v1.customers.update(customer_id, {"email": email})


@one_fault
def customer_exists(customer_id: str) -> bool:
    """Say whether a customer is there and not deleted."""
    return is_there(client().v1.customers.retrieve, customer_id)


@one_fault
def delete_customer(customer_id: str) -> None:
    """Have Stripe forget a customer's name, address and cards; invoices and charges stay."""
    client().v1.customers.delete(customer_id)


@one_fault
def create_portal_session(*, customer_id: str, return_url: str, configuration: str, locale: Any) -> JSON:
    """Open the Customer Portal for a customer, as it is configured."""
    params: Any = {"customer": customer_id, "return_url": return_url, "configuration": configuration, "locale": locale}
    return plain(client().v1.billing_portal.sessions.create(params))


@one_fault
def configure_portal(configuration_id: str | None, params: Any) -> JSON:
    """Make a configuration of the Customer Portal, or change the one there is."""
    configurations = client().v1.billing_portal.configurations
    return plain(configurations.update(configuration_id, params) if configuration_id else configurations.create(params))
