"""What belongs to the magazine's look: its colours, icon, manifest and language."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from magazine import theme
from magazine.languages import keep_language
from magazine.models import Identity
from magazine.public_pages import require_same_origin, signed_in_user

FOREVER_SECONDS = 365 * 24 * 3600
DAY_SECONDS = 24 * 3600


@require_safe
@cache_control(public=True, max_age=FOREVER_SECONDS, immutable=True)
def stylesheet(request: HttpRequest, accent: str, version: str) -> HttpResponse:
    """Give the tokens of an accent colour; the address says everything, so it is cached for ever."""
    return HttpResponse(theme.palette_for(f"#{accent}").stylesheet(), content_type="text/css; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=DAY_SECONDS)
def icon(request: HttpRequest, version: str) -> HttpResponse:
    """Give the magazine's icon."""
    return HttpResponse(theme.icon(Identity.load()), content_type="image/svg+xml")


@require_safe
@cache_control(public=True, max_age=DAY_SECONDS)
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Lead those who ask for the icon by its old name to it."""
    return HttpResponseRedirect(reverse("magazine:icon", args=[theme.icon_version(Identity.load())]))


@require_safe
@cache_control(public=True, max_age=DAY_SECONDS)
def manifest(request: HttpRequest) -> JsonResponse:
    """Give the web app manifest, for a magazine on a phone's home screen."""
    identity = Identity.load()
    icon_url = reverse("magazine:icon", args=[theme.icon_version(identity)])
    content = {
        "name": identity.name,
        "short_name": identity.name,
        "description": identity.tagline,
        "start_url": "/",
        "display": "browser",
        "background_color": theme.LIGHT_GROUNDS[0],
        "theme_color": theme.LIGHT_GROUNDS[0],
        "icons": [{"src": icon_url, "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_POST
@require_same_origin
def language(request: HttpRequest) -> HttpResponseRedirect:
    """Remember the language of the site that a reader chose, and go back."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target, status=303)
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES):
        keep_language(response, code)
        if (reader := signed_in_user(request)) is not None:
            reader.keep_language(code)
    return response
