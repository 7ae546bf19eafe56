"""The project as an application: commands that concern the whole of it."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Hold the commands and checks that belong to no single app."""

    name = "config"
    verbose_name = "Masthead"
