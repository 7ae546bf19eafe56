"""Addresses of billing."""

from django.urls import path

from billing.views import account, changing, gifts, leaving, selling, stripe_webhook, support

app_name = "billing"
urlpatterns = [
    path("subscribe/", selling.plans, name="plans"),
    path("subscribe/return/", selling.checkout_return, name="checkout_return"),
    path("subscribe/<slug:plan>/checkout/", selling.checkout, name="checkout"),
    path("subscribe/gift/", gifts.give, name="gift"),
    path("subscribe/gift/<str:token>/", gifts.claim, name="gift_claim"),
    path("account/gift-subscriptions/", gifts.bought, name="gifts_bought"),
    path("account/gift-subscriptions/<int:pk>/link/", gifts.renew, name="gift_renew"),
    path("account/contributions/", support.contributions, name="contributions"),
    path("account/contributions/<int:pk>/stop/", support.stop_contribution, name="stop_contribution"),
    path("support/", support.support, name="support"),
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
