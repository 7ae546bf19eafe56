"""Addresses of the letters."""

from django.urls import path

from newsletters import views

app_name = "newsletters"
urlpatterns = [
    path("newsletters/", views.index, name="index"),
    path("newsletters/confirm/<str:token>/", views.confirm, name="confirm"),
    path("newsletters/preferences/<str:token>/", views.preferences, name="preferences"),
    path("newsletters/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("newsletters/<slug:slug>/", views.newsletter, name="newsletter"),
    path("newsletters/<slug:slug>/asked/", views.asked, name="asked"),
    path("newsletters/<slug:slug>/<slug:issue_slug>/", views.issue, name="issue"),
]
