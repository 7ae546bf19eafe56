import base64
import json
import re
from datetime import timedelta

import altcha
import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import proof_of_work
from tests.accounts.conftest import LOGIN, filled_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db
CHALLENGE = "/accounts/altcha/"
SWITCH_ON = "switch JavaScript on"


@pytest.fixture
def on(settings, monkeypatch):
    settings.ALTCHA = True
    monkeypatch.setattr(proof_of_work, "COST", 1)


def solved(challenge=None) -> str:
    """Return what the widget sends."""
    challenge = challenge or altcha.Challenge.from_dict(Client().get(CHALLENGE).json())
    return altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()


def ask(address, altcha="", **origin):
    """Ask for a code, out of a browser of one's own."""
    return Client(**origin).post(LOGIN, filled_in(address, altcha=altcha))


def ask_up_to_the_limit(**origin):
    for n in range(proof_of_work.UNSOLVED_A_NETWORK_AN_HOUR):
        assert ask(f"reader{n}@example.com", **origin).status_code == 302


def test_it_is_off_unless_it_is_switched_on(client):
    page = client.get(LOGIN).content.decode()
    assert "altcha" not in page
    assert "proof-of-work" not in page
    assert client.get(CHALLENGE).status_code == 404
    for n in range(proof_of_work.UNSOLVED_A_NETWORK_AN_HOUR + 1):
        assert ask(f"reader{n}@example.com").status_code == 302


def test_switched_on_the_page_brings_the_widget_from_this_site(on, client):
    page = client.get(LOGIN).content.decode()
    assert f'data-challenge="{CHALLENGE}"' in page
    assert "/vendor/altcha.min.js" in page
    for other in (f"{LOGIN}?with=password", "/"):
        assert "altcha" not in client.get(other).content.decode()


def test_a_challenge_is_nobodys_and_kept_nowhere(on, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get(CHALLENGE)
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert answer.json() != client.get(CHALLENGE).json()
    assert client.post(CHALLENGE).status_code == 405


def test_who_proved_work_has_the_ordinary_limits(on):
    for n in range(proof_of_work.UNSOLVED_A_NETWORK_AN_HOUR + 1):
        assert ask(f"reader{n}@example.com", solved()).status_code == 302
    ask_up_to_the_limit()
    assert ask("one.more@example.com", solved()).status_code == 302


def test_who_proved_none_gets_a_few_codes_then_a_word_and_their_address_back(on):
    ask_up_to_the_limit()
    before = len(mail.outbox)
    answer = ask("reader@example.com")
    page = answer.content.decode()
    assert SWITCH_ON in page
    assert "in an hour" in page
    assert 'value="reader@example.com"' in page
    assert len(mail.outbox) == before


def test_after_an_hour_there_are_codes_again(on):
    ask_up_to_the_limit()
    assert SWITCH_ON in ask("reader@example.com").content.decode()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert ask("reader@example.com").status_code == 302


def test_the_refusal_looks_nobody_up(on):
    make_user("known@example.com")
    ask_up_to_the_limit()
    for address in ("known@example.com", "unknown@example.com"):
        with CaptureQueriesContext(connection) as queries:
            assert SWITCH_ON in ask(address).context["form"].non_field_errors()[0]
        assert not [query["sql"] for query in queries if re.search(r"accounts_user|account_emailaddress", query["sql"])]


def test_another_network_still_gets_codes(on):
    ask_up_to_the_limit(REMOTE_ADDR="192.0.2.1")
    assert SWITCH_ON in ask("reader@example.com", REMOTE_ADDR="192.0.2.200").content.decode()
    assert ask("reader@example.com", REMOTE_ADDR="198.51.100.1").status_code == 302


def test_everybody_together_has_a_limit_that_no_refused_network_uses_up(on, monkeypatch):
    most = proof_of_work.UNSOLVED_A_NETWORK_AN_HOUR + 1
    monkeypatch.setattr(proof_of_work, "UNSOLVED_BY_EVERYBODY_AN_HOUR", most)
    ask_up_to_the_limit(REMOTE_ADDR="192.0.2.1")
    for _ in range(3):
        ask("reader@example.com", REMOTE_ADDR="192.0.2.1")
    assert ask("reader@example.com", REMOTE_ADDR="198.51.100.1").status_code == 302
    assert SWITCH_ON in ask("reader@example.com", REMOTE_ADDR="203.0.113.1").content.decode()


def test_a_mistyped_address_and_a_password_are_no_code_asked_for(on, client):
    for _ in range(proof_of_work.UNSOLVED_A_NETWORK_AN_HOUR):
        ask("not an address")
        client.post(LOGIN, {"with": "password", "login": "reader@example.com", "password": "wrong wrong wrong"})
    ask_up_to_the_limit()


def test_a_solution_counts_once_however_it_is_written(on):
    payload = solved()
    parts = json.loads(base64.b64decode(payload))
    rewritten = base64.b64encode(json.dumps(parts, indent=1).encode()).decode()
    assert proof_of_work.is_solved(payload)
    assert not proof_of_work.is_solved(payload)
    assert not proof_of_work.is_solved(rewritten)


def test_a_solution_is_good_for_ten_minutes(on):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        in_time, late = solved(), solved()
    with time_machine.travel(start + timedelta(minutes=9), tick=False):
        assert proof_of_work.is_solved(in_time)
    with time_machine.travel(start + timedelta(minutes=11), tick=False):
        assert not proof_of_work.is_solved(late)


def written(value) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def forged() -> str:
    """Return a solved challenge that somebody signed with a key of their own."""
    return solved(altcha.create_challenge(proof_of_work.ALGORITHM, 1, hmac_secret="another key"))


def made_easier() -> str:
    """Return a solution of a challenge of ours, its work struck out."""
    challenge = Client().get(CHALLENGE).json()
    challenge["parameters"]["keyPrefix"] = ""
    return solved(altcha.Challenge.from_dict(challenge))


def unsolved() -> str:
    return written({"challenge": Client().get(CHALLENGE).json(), "solution": {"counter": 0, "derivedKey": "00" * 32}})


@pytest.mark.parametrize(
    "make",
    [
        forged,
        made_easier,
        unsolved,
        lambda: "nonsense",
        lambda: "作业",
        lambda: written([]),
        lambda: written({"challenge": [], "solution": None}),
        lambda: written({"challenge": {"parameters": {}, "signature": 1}, "solution": {}}),
        lambda: written({"challenge": {"parameters": 1}}),
        lambda: written({"test": True, "challenge": None, "solution": None}),
        lambda: "A" * 100_000,
    ],
    ids=["forged", "made easier", "unsolved", "nonsense", "no ascii", "a list", "lists", "empty", "a number", "the widget's test", "long"],
)
def test_what_is_no_solution_of_ours_counts_as_none(on, make):
    assert not proof_of_work.is_solved(make())
    ask_up_to_the_limit()
    assert SWITCH_ON in ask("reader@example.com", make()).content.decode()
