"""What every page needs to know."""

from typing import Any

from django.http import HttpRequest


def masthead(request: HttpRequest) -> dict[str, Any]:
    """Give templates the magazine's identity."""
    from magazine.models import Identity

    return {"identity": Identity.load()}
