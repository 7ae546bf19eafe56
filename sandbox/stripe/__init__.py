"""A stand-in for Stripe: the operations this project uses, in Stripe's wire format, on this machine."""

API_VERSION = "2026-10-28.endive"
KEY_PREFIX = "sk_test_local"
