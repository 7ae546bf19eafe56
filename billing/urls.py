"""Addresses of billing."""

from django.urls import path

from billing.views import account, changing, gifts, group_desk, groups, leaving, selling, stripe_webhook, students, support

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
    path("subscribe/group/", groups.offer, name="group_offer"),
    path("subscribe/group/order/", groups.order, name="group_order_new"),
    path("subscribe/group/<str:token>/", groups.door, name="group_door"),
    path("subscribe/students/", students.students, name="students"),
    path("subscribe/students/<int:price>/checkout/", students.checkout, name="student_checkout"),
    path("account/billing/", account.billing, name="account"),
    path("account/billing/change/", changing.choose, name="change"),
    path("account/billing/change/keep/", changing.keep, name="keep_price"),
    path("account/billing/change/pay/", changing.pay, name="pay_change"),
    path("account/billing/change/<int:price>/", changing.change, name="change_price"),
    path("account/billing/cancel/", leaving.cancel, name="cancel"),
    path("account/billing/cancel/undo/", leaving.undo_cancel, name="undo_cancel"),
    path("account/billing/pause/", leaving.pause, name="pause"),
    path("account/billing/resume/", leaving.resume, name="resume"),
    path("account/group/", groups.own, name="groups"),
    path("account/group/<int:pk>/", group_desk.desk, name="group"),
    path("account/group/<int:pk>/join/", groups.join, name="group_join"),
    path("account/group/<int:pk>/leave/", groups.leave, name="group_leave"),
    path("account/group/<int:pk>/invite/", group_desk.invite, name="group_invite"),
    path("account/group/<int:pk>/invitations/<int:number>/", group_desk.invitation, name="group_invitation"),
    path("account/group/<int:pk>/link/", group_desk.link, name="group_link"),
    path("account/group/<int:pk>/members/<int:number>/", group_desk.member, name="group_member"),
    path("account/group/<int:pk>/settings/", group_desk.settings, name="group_settings"),
    path("account/group/<int:pk>/seats/", group_desk.change_seats, name="group_seats"),
    path("account/group/<int:pk>/renewal/", group_desk.renewal, name="group_renewal"),
    path("account/group/<int:pk>/order/", group_desk.order, name="group_order"),
    path("account/group/<int:pk>/heir/", group_desk.heir, name="group_heir"),
    path("webhooks/stripe/", stripe_webhook.receive, name="stripe_webhook"),
]
