"""Addresses of comments."""

from django.urls import path

import articles.converters  # noqa: F401 - registers uslug
from comments.views import thread

app_name = "comments"
urlpatterns = [path("<uslug:slug>/comments/", thread, name="thread")]
