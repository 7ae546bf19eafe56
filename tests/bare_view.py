"""The floor that `make bench` compares with: Django with one view that says hello, and nothing else."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path


def hello(request: HttpRequest) -> HttpResponse:
    """Say hello."""
    return HttpResponse("Hello, world")


urlpatterns = [path("", hello)]

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[], SECRET_KEY="only-measured", LOGGING_CONFIG=None)
application = get_wsgi_application()
