"""The demo magazine, Downstairs."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Configure the app."""

    name = "demo"
    verbose_name = "Demo"
