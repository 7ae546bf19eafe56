"""The table of API operations."""

from __future__ import annotations

from sandbox.web import Routes

api = Routes()
