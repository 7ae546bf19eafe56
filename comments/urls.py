"""Addresses of comments."""

from django.urls import path

from comments.views import ThreadView

app_name = "comments"
urlpatterns = [path("<str:slug>/comments/", ThreadView.as_view(), name="thread")]
