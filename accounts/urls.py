"""Addresses of accounts; those under accounts/ stand before allauth's own."""

from django.urls import path

from accounts.views import account, exports, passkeys, signing_in

app_name = "accounts"
urlpatterns = [
    path("accounts/login/", signing_in.sign_in, name="sign_in"),
    path("accounts/login/code/", signing_in.to_sign_in, name="sign_in_by_code"),
    path("accounts/login/code/confirm/", signing_in.enter_code, name="enter_code"),
    path("accounts/altcha/", signing_in.challenge, name="challenge"),
    path("accounts/signup/", signing_in.to_sign_in, name="sign_up"),
    path("accounts/2fa/webauthn/add/", passkeys.add_passkey, name="add_passkey"),
    path("accounts/sessions/<int:pk>/end/", account.end_session, name="end_session"),
    path("account/", account.account, name="account"),
    path("account/name/", account.name, name="name"),
    path("account/picture/", account.picture, name="picture"),
    path("account/reading-language/", account.language, name="language"),
    path("account/export/", exports.export, name="export"),
    path("account/export/<str:token>/", exports.download, name="download_export"),
    path("account/delete/", account.delete, name="delete"),
    path("account/delete/undo/", account.keep, name="keep"),
    path("account/deleted/", account.deleted, name="deleted"),
]
