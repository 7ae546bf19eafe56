"""What the tests of accounts share: a way to ask for a code and to read it in the mail."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

LOGIN = "/accounts/login/"
CONFIRM = "/accounts/login/code/confirm/"


def code_in(letter: Any) -> str:
    """Return the code of a letter."""
    return re.search(r"^\d{6}$", letter.body, re.MULTILINE)[0]


def wrong(code: str) -> str:
    """Return a code that is certainly another."""
    return f"{(int(code) + 1) % 1_000_000:06}"


@pytest.fixture
def sign_in(client: Any) -> Callable[..., Any]:
    """Go through the whole flow with an address and return the last answer."""

    def through(address: str, *, next: str = "") -> Any:
        asked = client.post(LOGIN, {"login": address, "next": next} if next else {"login": address})
        assert asked.status_code == 302, asked.context["form"].errors
        return client.post(asked["Location"], {"code": code_in(mail.outbox[-1])})

    return through
