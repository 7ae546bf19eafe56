"""`manage.py doctor`: one line a check, exit 1 on a fault."""

import smtplib
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command

from config import doctor
from magazine.findings import fault, ok


def run(checks) -> tuple[list[str], int]:
    out = StringIO()
    with patch.dict(doctor.CHECKS, checks, clear=True):
        try:
            call_command("doctor", stdout=out, no_color=True)
        except SystemExit as end:
            return out.getvalue().splitlines(), int(end.code or 0)
    return out.getvalue().splitlines(), 0


def test_each_check_has_its_line():
    assert run({"one": lambda: ok("Fine."), "two": lambda: ok("Good.")}) == (["ok    one: Fine.", "ok    two: Good."], 0)


def test_one_fault_is_enough_to_exit_1_and_the_rest_is_still_looked_at():
    assert run({"one": lambda: fault("Broken."), "two": lambda: ok("Good.")}) == (["FAULT one: Broken.", "ok    two: Good."], 1)


def test_a_check_that_falls_over_is_a_fault_that_quotes_nothing():
    def fall():
        raise RuntimeError("redis://:secret@host")

    (line,), code = run({"one": fall})
    assert code == 1
    assert "RuntimeError" in line and "secret" not in line


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["database", "cache", "storage", "mail"])
def test_what_the_tests_run_on_is_in_order(name, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    finding = doctor.CHECKS[name]()
    assert finding.is_ok, finding.words


@pytest.mark.django_db
def test_a_database_of_another_encoding_is_a_fault():
    class Cursor:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            return False

        def execute(self, query):
            pass

        def fetchone(self):
            return ("SQL_ASCII",)

    with (
        patch.object(type(doctor.connection._connections["default"]), "cursor", lambda self: Cursor()),
        patch.dict(doctor.health.PROBES, {"migrations": lambda: True}),
    ):
        finding = doctor.check_database()
    assert not finding.is_ok
    assert "SQL_ASCII" in finding.words


@pytest.mark.django_db
def test_migrations_that_wait_are_a_fault():
    with patch.dict(doctor.health.PROBES, {"migrations": lambda: False}):
        assert "migrate" in doctor.check_database().words


def test_a_cache_that_forgets_is_a_fault(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert not doctor.check_cache().is_ok


def test_a_broker_that_does_not_answer_is_a_fault():
    def refuse():
        raise ConnectionRefusedError

    with patch.dict(doctor.health.PROBES, {"broker": refuse}):
        assert "BROKER_URL" in doctor.check_broker().words


def test_a_storage_that_can_not_be_written_is_a_fault(tmp_path: Path):
    (tmp_path / "doctor").write_text("a file where the folder should be")
    with patch.object(doctor, "storages", {"default": FileSystemStorage(tmp_path), "private": FileSystemStorage(tmp_path)}):
        finding = doctor.check_storage()
    assert not finding.is_ok
    assert "default" in finding.words


def test_a_mail_server_that_can_not_be_reached_is_a_fault():
    with patch.object(doctor, "get_connection", side_effect=smtplib.SMTPAuthenticationError(535, b"wrong password")):
        finding = doctor.check_mail()
    assert not finding.is_ok
    assert "EMAIL_URL" in finding.words and "password" not in finding.words


def test_a_sender_that_nobody_takes_mail_from_is_a_fault(settings):
    settings.SITE_IS_LOCAL = False
    settings.DEFAULT_FROM_EMAIL = "desk@localhost"
    assert "DEFAULT_FROM_EMAIL" in doctor.check_mail().words
