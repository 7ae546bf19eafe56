"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

from config.health import healthz, readyz
from config.media import media

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("admin/", admin.site.urls),
    path("media/<path:path>", media),
    path("", include("magazine.urls")),
    # Before allauth, whose way in by code it replaces.
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("billing.urls")),
    path("", include("newsletters.urls")),
    path("", include("comments.urls")),
    # Last, because an article's slug is the first segment of its address.
    path("", include("articles.urls")),
]
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
