"""Addresses of billing."""

from django.urls import path

from billing.views import account, selling, stripe_webhook

app_name = "billing"
urlpatterns = [
    path("subscribe/", selling.plans, name="plans"),
    path("subscribe/return/", selling.checkout_return, name="checkout_return"),
    path("subscribe/<slug:plan>/checkout/", selling.checkout, name="checkout"),
    path("support/", selling.support, name="support"),
    path("account/billing/", account.billing, name="account"),
    path("webhooks/stripe/", stripe_webhook.receive, name="stripe_webhook"),
]
