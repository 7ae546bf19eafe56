import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Picture

from accounts import pictures
from accounts.deletion import ask_for_deletion, carry_out
from accounts.models import Deletion, User
from comments.models import Comment
from magazine.page_generation import GENERATION
from tests.factories import make_article

pytestmark = pytest.mark.django_db
PAGE = "/account/picture/"


def photograph(*, size=(600, 400), kind="JPEG", **options):
    buffer = io.BytesIO()
    Picture.new("RGB", size, "red").save(buffer, kind, **options)
    return buffer.getvalue()


def upload(client, content, name="me.jpg"):
    return client.post(PAGE, {"picture": SimpleUploadedFile(name, content)})


@pytest.fixture
def comment(reader):
    return Comment.objects.create(article=make_article(), author=reader, name="Rhea", body="I wrote this.", status="published", floor=1)


def test_a_picture_is_drawn_anew_square_small_and_without_what_it_tells(as_reader, reader):
    exif = Picture.Exif()
    exif[0x010F] = "SecretCam"
    assert upload(as_reader, photograph(exif=exif) + b"<script>foreign()</script>")["Location"] == "/account/"
    reader.refresh_from_db()
    content = reader.picture.read()
    drawn = Picture.open(io.BytesIO(content))
    assert (drawn.format, drawn.size) == ("WEBP", (pictures.SIDE, pictures.SIDE))
    assert b"SecretCam" not in content
    assert b"foreign" not in content
    assert reader.picture.name.startswith("readers/")
    assert "me" not in reader.picture.name.rpartition("/")[2].replace("webp", "")
    assert reader.picture.url in as_reader.get("/account/").content.decode()


def test_a_picture_that_lies_on_its_side_is_turned(as_reader, reader):
    exif = Picture.Exif()
    exif[0x0112] = 6
    wide = Picture.new("RGB", (400, 400), "red")
    wide.paste("blue", (0, 0, 200, 400))
    buffer = io.BytesIO()
    wide.save(buffer, "JPEG", exif=exif)
    upload(as_reader, buffer.getvalue())
    reader.refresh_from_db()
    red, _green, blue = Picture.open(reader.picture).convert("RGB").getpixel((128, 10))
    assert blue > red, "what was left is on top"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF"])
def test_other_kinds_of_pictures_are_taken_too(as_reader, reader, kind):
    upload(as_reader, photograph(kind=kind))
    assert User.objects.get().picture


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        photograph()[:200],
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(as_reader, content):
    answer = upload(as_reader, content)
    assert answer.status_code == 200
    assert "is-wrong" in answer.content.decode()
    assert not User.objects.get().picture


def test_a_bomb_is_refused_before_it_is_decoded(as_reader, monkeypatch):
    content = photograph(size=(9000, 9000), kind="PNG")
    monkeypatch.setattr(Picture.Image, "load", lambda self: pytest.fail("it was decoded"))
    assert "megapixels" in upload(as_reader, content).content.decode()


def test_a_file_that_is_too_large_is_refused(as_reader, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_BYTES", 100)
    assert "larger than" in upload(as_reader, photograph()).content.decode()


def test_a_new_picture_takes_the_place_of_the_old_one_and_one_can_go(as_reader, reader, django_capture_on_commit_callbacks):
    names = []
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            upload(as_reader, photograph())
        names.append(User.objects.get().picture.name)
    assert [default_storage.exists(name) for name in names] == [False, True]
    with django_capture_on_commit_callbacks(execute=True):
        assert as_reader.post(PAGE, {"remove": ""})["Location"] == "/account/"
    assert not User.objects.get().picture
    assert not default_storage.exists(names[1])


def test_a_reader_s_comments_show_it_and_a_guest_s_show_the_initial(as_reader, reader, comment):
    Comment.objects.create(article=comment.article, name="Guest", body="Me too.", status="published", floor=2)
    address = f"/{comment.article.slug}/comments/"
    assert Client().get(address).content.decode().count('<span class="avatar"') == 2
    pictures.keep_picture(reader, pictures.draw(io.BytesIO(photograph())))
    page = Client().get(address).content.decode()
    assert page.count('<span class="avatar"') == 1
    assert User.objects.get(pk=reader.pk).picture.url in page


def test_pages_with_comments_are_forgotten_when_it_changes(reader, django_capture_on_commit_callbacks):
    before = GENERATION.current()
    with django_capture_on_commit_callbacks(execute=True):
        pictures.keep_picture(reader, pictures.draw(io.BytesIO(photograph())))
    assert GENERATION.current() != before


def test_the_picture_goes_with_the_account_and_from_the_comments(reader, comment, django_capture_on_commit_callbacks):
    pictures.keep_picture(reader, pictures.draw(io.BytesIO(photograph())))
    name = User.objects.get().picture.name
    ask_for_deletion(reader, erases_comments=False)
    Deletion.objects.update(asked_at="2020-01-01T00:00Z", due_at="2020-01-08T00:00Z")
    with django_capture_on_commit_callbacks(execute=True):
        assert carry_out(Deletion.objects.get())
    assert not default_storage.exists(name)
    assert (
        "<img"
        not in Client()
        .get(f"/{comment.article.slug}/comments/")
        .content.decode()
        .partition('class="comment"')[2]
        .partition("</article>")[0]
    )


def test_deleting_the_person_in_the_newsroom_takes_the_file_too(reader, django_capture_on_commit_callbacks):
    pictures.keep_picture(reader, pictures.draw(io.BytesIO(photograph())))
    person = User.objects.get()
    name = person.picture.name
    with django_capture_on_commit_callbacks(execute=True):
        person.delete()
    assert not default_storage.exists(name)


def test_the_export_holds_the_picture(reader):
    import zipfile

    from accounts.exporting import write_archive

    content = pictures.draw(io.BytesIO(photograph()))
    pictures.keep_picture(reader, content)
    archive = io.BytesIO()
    write_archive(User.objects.get(), archive)
    assert zipfile.ZipFile(archive).read("account/picture.webp") == content
