#!/usr/bin/env python
"""Run Masthead's management commands."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # A checkout without any configuration is somebody's desk; a deployed site says what its address is.
    if "SITE_URL" not in os.environ:
        os.environ.setdefault("SANDBOX", "on")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
