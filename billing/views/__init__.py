"""The pages of billing, and the door for Stripe's events."""
