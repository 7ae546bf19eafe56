"""Addresses of billing."""

from django.urls import path

from billing.views import account, changing, leaving, selling, stripe_webhook

app_name = "billing"
urlpatterns = [
    path("subscribe/", selling.plans, name="plans"),
    path("subscribe/return/", selling.checkout_return, name="checkout_return"),
    path("subscribe/<slug:plan>/checkout/", selling.checkout, name="checkout"),
    path("support/", selling.support, name="support"),
    path("account/billing/", account.billing, name="account"),
    path("account/billing/change/", changing.choose, name="change"),
    path("account/billing/change/keep/", changing.keep, name="keep_price"),
    path("account/billing/change/pay/", changing.pay, name="pay_change"),
    path("account/billing/change/<int:price>/", changing.change, name="change_price"),
    path("account/billing/cancel/", leaving.cancel, name="cancel"),
    path("account/billing/cancel/undo/", leaving.undo_cancel, name="undo_cancel"),
    path("account/billing/pause/", leaving.pause, name="pause"),
    path("account/billing/resume/", leaving.resume, name="resume"),
    path("webhooks/stripe/", stripe_webhook.receive, name="stripe_webhook"),
]
