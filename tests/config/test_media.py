"""Uploads served by the site itself."""

from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

CONTENT = bytes(range(100))


@pytest.fixture(autouse=True)
def _uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "media")
    (tmp_path / "media").mkdir()
    for name in ("picture.webp", "film.svg", "page.html", ".secret"):
        (tmp_path / "media" / name).write_bytes(CONTENT)
    (tmp_path / "outside.webp").write_bytes(b"not for readers")


def test_a_picture_is_shown_and_kept_for_a_year(client: Client) -> None:
    response = client.get("/media/picture.webp")
    assert b"".join(response.streaming_content) == CONTENT
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["Content-Disposition"] == "inline"
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["film.svg", "page.html"])
def test_what_can_hold_script_is_only_downloaded(client: Client, name: str) -> None:
    response = client.get(f"/media/{name}")
    assert response.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "content", "described"),
    [
        ("bytes=0-9", CONTENT[:10], "bytes 0-9/100"),
        ("bytes=90-", CONTENT[90:], "bytes 90-99/100"),
        ("bytes=-5", CONTENT[-5:], "bytes 95-99/100"),
        ("bytes=95-500", CONTENT[95:], "bytes 95-99/100"),
    ],
)
def test_a_part_can_be_asked_for(client: Client, asked: str, content: bytes, described: str) -> None:
    response = client.get("/media/picture.webp", headers={"Range": asked})
    assert response.status_code == 206
    assert b"".join(response.streaming_content) == content
    assert response.headers["Content-Range"] == described
    assert response.headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=9-3", "bytes=-0"])
def test_a_part_that_is_not_there_answers_416(client: Client, asked: str) -> None:
    assert client.get("/media/picture.webp", headers={"Range": asked}).status_code == 416


def test_a_range_that_makes_no_sense_is_ignored(client: Client) -> None:
    response = client.get("/media/picture.webp", headers={"Range": "pages=1-2"})
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == CONTENT


def test_what_a_browser_has_is_not_sent_again(client: Client) -> None:
    stamp = client.get("/media/picture.webp").headers["Last-Modified"]
    assert client.get("/media/picture.webp", headers={"If-Modified-Since": stamp}).status_code == 304


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["../outside.webp", "%2e%2e/outside.webp", "..%2foutside.webp", "/etc/passwd", ".secret", "none.webp", "", "a\x00b"]
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert client.get(f"/media/{path}").status_code == 404


def test_uploads_are_read_only(client: Client) -> None:
    assert client.post("/media/picture.webp").status_code == 405


def test_a_rendition_is_sent_as_its_lighter_twin_to_whoever_reads_that(client: Client) -> None:
    folder = Path(settings.MEDIA_ROOT) / "renditions"
    folder.mkdir()
    (folder / "a.webp").write_bytes(b"heavy")
    assert "Accept" not in varies(client.get("/media/renditions/a.webp"))
    (folder / "a.webp.avif").write_bytes(b"light")
    new = client.get("/media/renditions/a.webp", headers={"Accept": "image/avif,image/webp,*/*"})
    old = client.get("/media/renditions/a.webp", headers={"Accept": "image/webp,*/*"})
    assert (new.getvalue(), new.headers["Content-Type"]) == (b"light", "image/avif")
    assert (old.getvalue(), old.headers["Content-Type"]) == (b"heavy", "image/webp")
    assert "Accept" in varies(new)
    assert "Accept" in varies(old)


def varies(response: HttpResponse) -> list[str]:
    return response.headers.get("Vary", "").split(", ")
