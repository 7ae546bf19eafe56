"""What ties the apps together: settings, addresses, workers, the page cache."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
