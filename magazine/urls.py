"""Addresses of the magazine's look."""

from django.urls import path, re_path

from magazine import views

app_name = "magazine"
urlpatterns = [
    re_path(r"^theme-(?P<accent>[0-9a-f]{6})-(?P<version>[0-9a-f]{8})\.css$", views.stylesheet, name="theme"),
    re_path(r"^icon-(?P<version>[0-9a-f]{8})\.svg$", views.icon, name="icon"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("account/language/", views.language, name="language"),
]
