"""Addresses of comments."""

from django.urls import path

import articles.converters  # noqa: F401 - registers uslug
from comments.own import own_comments
from comments.views import thread

app_name = "comments"
urlpatterns = [
    path("account/comments/", own_comments, name="own"),
    path("<uslug:slug>/comments/", thread, name="thread"),
]
