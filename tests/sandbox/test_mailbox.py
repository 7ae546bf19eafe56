"""The mailbox: what the site sends can be read, whatever it is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives

from sandbox.mailbox.backend import MailboxBackend
from sandbox.mailbox.letters import Mailbox
from sandbox.mailbox.pages import mailbox_routes
from sandbox.web import Request, Response


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.SANDBOX_MAILBOX_DIR = tmp_path / "letters"
    return settings.SANDBOX_MAILBOX_DIR


@pytest.fixture
def read(folder: Path) -> Any:
    routes = mailbox_routes(Mailbox(folder))

    def read(path: str) -> Response:
        path, _, query = path.partition("?")
        found = routes.match("GET", path)
        assert found, path
        handler, arguments = found
        return handler(Request("GET", path, query), **arguments)

    return read


def send(subject: str = "Your code", to: str = "reader@example.com", **more: Any) -> None:
    letter = EmailMultiAlternatives(subject, "Your code is 407 125.\nhttp://localhost:8000/in/?a=1&b=2", "m@example.com", [to], **more)
    letter.attach_alternative('<p>Your code is <b>407125</b>. <a href="http://localhost:8000/in/">Sign in</a></p>', "text/html")
    MailboxBackend().send_messages([letter])


def ids(folder: Path) -> list[str]:
    return Mailbox(folder).ids()


def test_a_letter_is_listed_newest_first_and_read(folder: Path, read: Any):
    send("First")
    send("Second", "other@example.com")

    listing = read("/mailbox/").body
    assert listing.index("Second") < listing.index("First")
    page = read(f"/mailbox/{ids(folder)[0]}/").body
    assert "407 125" in page
    assert '<a href="http://localhost:8000/in/?a=1&amp;b=2">' in page
    assert 'sandbox="allow-top-navigation-by-user-activation' in page


def test_the_html_part_has_its_own_address_and_opens_links_in_the_whole_window(folder: Path, read: Any):
    send()

    response = read(f"/mailbox/{ids(folder)[0]}/html")

    assert response.body.startswith('<base target="_top">')
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert "script-src" not in policy
    assert "allow-scripts" not in policy


def test_letters_are_found_by_recipient_blind_copies_included(folder: Path, read: Any):
    send("To one")
    send("To two", "two@example.com", bcc=["Hidden@example.com"])

    assert "To one" not in read("/mailbox/?to=two@example.com").body
    assert "To two" in read("/mailbox/?to=hidden@example.com").body


def test_attachments_download_and_never_open(folder: Path, read: Any):
    letter = EmailMessage("With a file", "See below.", "m@example.com", ["reader@example.com"])
    letter.attach("ré sumé.html", "<script>1</script>", "text/html")
    MailboxBackend().send_messages([letter])

    [letter_id] = ids(folder)
    response = read(f"/mailbox/{letter_id}/attachments/1")

    assert response.body == b"<script>1</script>"
    assert response.content_type == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''r%C3%A9")
    assert read(f"/mailbox/{letter_id}/attachments/2").status == 404


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\xff\xfe\x00\x00",
        b'Subject: =?utf-8?q?=ZZ?=\nTo: <<>>,,"\n\nbody',
        b"Content-Type: text/plain; charset=nonsense\n\nbody \xff",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Disposition: attachment; filename*=utf-8''%ff%\n\n--x",
        b"Content-Transfer-Encoding: base64\nContent-Type: text/html\n\n!!!not base64",
        b"Date: the day before\nFrom: \nTo: a@b@c, =?bad?=\nContent-Type: /\n\n",
    ],
)
def test_a_malformed_letter_is_shown_as_far_as_it_goes(folder: Path, read: Any, source: bytes):
    send("Whole")
    broken = f"{1:020d}-{'0' * 8}"
    (folder / f"{broken}.eml").write_bytes(source)

    assert "Whole" in read("/mailbox/").body
    assert read(f"/mailbox/{broken}/").status == 200
    assert read(f"/mailbox/{broken}/source").body == source


def test_a_path_in_place_of_an_id_finds_nothing(folder: Path, read: Any):
    (folder.parent / "secret.eml").write_text("Subject: secret\n\n")

    assert read("/mailbox/..%2Fsecret/").status == 404
    assert Mailbox(folder).letter("../secret") is None


def test_a_half_written_letter_is_not_there_yet(folder: Path):
    send()
    (folder / f".{2:020d}-{'0' * 8}.part").write_text("Subject: half")

    assert len(ids(folder)) == 1


def test_many_letters_at_once_all_arrive_under_names_of_their_own(folder: Path):
    letters = [EmailMessage(str(n), "x", "m@example.com", ["r@example.com"]) for n in range(50)]

    assert MailboxBackend().send_messages(letters) == 50
    assert [letter.subject for letter in Mailbox(folder).letters()] == [str(n) for n in range(49, -1, -1)]


def test_a_letter_to_nobody_is_not_sent(folder: Path):
    assert MailboxBackend().send_messages([EmailMessage("x", "y", "m@example.com", [])]) == 0
    assert ids(folder) == []


def test_subjects_are_escaped(folder: Path, read: Any):
    send("<script>alert(1)</script>")

    assert not re.search(r"<script>", read("/mailbox/").body + read(f"/mailbox/{ids(folder)[0]}/").body)
