"""The WSGI entry point: the page cache, and Django behind it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def site() -> object:
    """Return the site as servers run it; while developing, every page is rendered."""
    django = get_wsgi_application()
    from urllib.parse import urlsplit

    from django.conf import settings

    from articles.known_readers import is_known_reader
    from config.page_cache import PageCache

    if settings.DEBUG:
        return django
    return PageCache(django, own_host=urlsplit(settings.SITE_URL).netloc, is_known_reader=is_known_reader)


application = site()
