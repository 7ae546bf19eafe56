"""Addresses of comments."""

from django.urls import path

from comments.views import thread

app_name = "comments"
urlpatterns = [path("<str:slug>/comments/", thread, name="thread")]
