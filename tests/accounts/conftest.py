"""What the tests of accounts share: a way to ask for a code and to read it in the mail."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.forms import SEEN_SALT
from magazine.form_tokens import make_token

LOGIN = "/accounts/login/"
CONFIRM = "/accounts/login/code/confirm/"


def code_in(letter: Any) -> str:
    """Return the code of a letter."""
    return re.search(r"^\d{6}$", letter.body, re.MULTILINE)[0]


def filled_in(address: str, **more: str) -> dict[str, str]:
    """Return the form of signing in as somebody sends it who looked at the page first."""
    with time_machine.travel(timezone.now() - timedelta(minutes=1)):
        seen = make_token(salt=SEEN_SALT)
    return {"login": address, "seen": seen, "website": "", **{name: value for name, value in more.items() if value}}


def wrong(code: str) -> str:
    """Return a code that is certainly another."""
    return f"{(int(code) + 1) % 1_000_000:06}"


@pytest.fixture
def sign_in(client: Any) -> Callable[..., Any]:
    """Go through the whole flow with an address and return the last answer."""

    def through(address: str, *, next: str = "") -> Any:
        asked = client.post(LOGIN, filled_in(address, next=next))
        assert asked.status_code == 302, asked.context["form"].errors
        return client.post(asked["Location"], {"code": code_in(mail.outbox[-1])})

    return through
