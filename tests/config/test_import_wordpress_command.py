"""The command that takes over a WordPress site, from file to address."""

import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image as Pillow

from articles.models import Article, Image, ImportedItem, Person, Redirect, Section, Tag
from comments.models import Comment
from tests.factories import make_article
from tests.wxr import FOOT, HEAD, attachment, author, category, comment, item, meta, write_export

pytestmark = pytest.mark.django_db
SECRET = "sentinel-of-what-is-not-public"


def run(*files: Path, **options: Any) -> str:
    out = StringIO()
    call_command("import_wordpress", *map(str, files), stdout=out, stderr=StringIO(), skip_checks=True, **options)
    return out.getvalue()


def picture(colour: str = "red") -> bytes:
    buffer = BytesIO()
    Pillow.new("RGB", (20, 10), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def everything() -> dict[str, Any]:
    models = (Article, Article.history.model, Section, Tag, Person, Redirect, Comment, Image, ImportedItem, Article.tags.through)
    return {model.__name__: sorted(map(str, model.objects.values_list())) for model in models}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"status": "publish"}, "published"),
        ({"status": "draft"}, "draft"),
        ({"status": "pending"}, "in_review"),
        ({"status": "private"}, "unpublished"),
        ({"status": "trash"}, "trashed"),
        ({"status": "future", "date": "2099-01-01 10:00:00"}, "scheduled"),
        ({"status": "future", "date": "2020-01-01 10:00:00"}, "draft"),
        ({"status": "publish", "password": "enter"}, "draft"),
        ({"status": "publish", "date": "2099-01-01 10:00:00"}, "scheduled"),
        ({"status": "pitch"}, "draft"),
    ],
)
def test_every_state_is_kept_and_only_what_was_public_is(tmp_path: Path, client: Client, given: dict[str, str], status: str) -> None:
    run(write_export(tmp_path, item("Title", SECRET, slug="the-slug", number=12, excerpt=SECRET, **given)))
    assert Article.objects.get().status == status
    is_public = status == "published"
    for address in ("/the-slug/", "/2024/06/the-slug/", "/?p=12", "/"):
        answer = client.get(address, follow=True)
        assert (SECRET in answer.content.decode()) == (is_public), address
    assert client.get("/the-slug/").status_code == (200 if is_public else 404)


def test_old_addresses_lead_to_the_article(tmp_path: Path, client: Client) -> None:
    child = item("Child", kind="page", number=31, slug="child", link="https://old.example/about/child/")
    renamed = item("New", number=30, slug="new-name", inner=meta(_wp_old_slug="old-name"))
    run(write_export(tmp_path, renamed, child))
    for address, target in [
        ("/2024/06/new-name/", "/new-name/"),
        ("/2024/06/new-name", "/new-name/"),
        ("/2024/06/new-name/?utm_source=x", "/new-name/?utm_source=x"),
        ("/2024/06/new-name/feed/", "/new-name/"),
        ("/2024/06/new-name/2/", "/new-name/"),
        ("/2024/06/new-name/comment-page-2/", "/new-name/"),
        ("/2024/06/old-name/", "/new-name/"),
        ("/old-name/", "/new-name/"),
        ("/?p=30", "/new-name/"),
        ("/?page_id=31", "/child/"),
        ("/about/child/", "/child/"),
        ("/2024/06/", "/archive/2024/06/"),
    ]:
        answer = client.get(address)
        assert (answer.status_code, answer.get("Location")) == (301, target), address
        assert client.get(target).status_code == 200, target


def test_an_unknown_query_of_the_front_page_is_left_alone(client: Client) -> None:
    assert client.get("/?p=999").status_code == 200
    assert client.get("/?fbclid=1").status_code == 200


def test_addresses_in_other_scripts_stay(tmp_path: Path, client: Client) -> None:
    encoded = "%e9%87%8d%e5%ba%86-2"
    run(write_export(tmp_path, item("重庆", slug=encoded, link=f"https://old.example/2024/06/{encoded}/")))
    assert client.get(f"/2024/06/{encoded}/", follow=True).redirect_chain[-1][1] == 301
    assert Article.objects.get().slug == "重庆-2"


def test_slugs_that_are_taken_give_way_and_the_old_address_follows(tmp_path: Path, client: Client) -> None:
    make_article("Mine", slug="hello")
    run(
        write_export(
            tmp_path, item("Theirs", slug="hello"), item("Search", kind="page", slug="search", link="https://old.example/pages/search/")
        )
    )
    assert sorted(Article.objects.exclude(source_id=None).values_list("slug", flat=True)) == ["hello-2", "search-2"]
    assert client.get("/2024/06/hello/")["Location"] == "/hello-2/"


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "a.jpg").write_bytes(picture())
    export = write_export(
        tmp_path,
        author("ann", "Ann Ahn"),
        attachment(5, "https://old.example/wp-content/uploads/2024/06/a.jpg"),
        item(
            "One",
            '<img class="wp-image-5" src="https://old.example/wp-content/uploads/2024/06/a-300x200.jpg"> [odd x="1"]',
            inner=category("news") + comment(1) + comment(2, parent=1),
        ),
        item("Two", status="future", date="2020-01-01 00:00:00"),
    )
    run(export, media_dir=tmp_path / "media")
    before = everything()
    assert len(before["Image"]) == 1
    run(export, media_dir=tmp_path / "media")
    assert everything() == before
    run(export)
    assert everything() == before


def test_a_dry_run_writes_nothing_and_says_the_same(tmp_path: Path) -> None:
    export = write_export(tmp_path, item("One", inner=category("news") + category("t", domain="post_tag") + comment(1)))
    before = everything()
    said = run(export, dry_run=True)
    assert everything() == before
    assert [line for line in run(export).splitlines() if line.startswith(("posts ", "comments"))] == [
        line for line in said.splitlines() if line.startswith(("posts ", "comments"))
    ]


def test_what_the_newsroom_changed_or_deleted_stays_so(tmp_path: Path) -> None:
    run(write_export(tmp_path, item("One", "First words.", number=1), item("Two", "First words.", number=2), item("Three", number=3)))
    edited = Article.objects.get(source_id="wp:old.example:1")
    edited.body = "<p>Our words.</p>"
    edited.save()
    Article.objects.filter(source_id="wp:old.example:3").delete()
    said = run(
        write_export(
            tmp_path, item("One", "Their new words.", number=1), item("Two", "Their new words.", number=2), item("Three", number=3)
        )
    )
    assert Article.objects.get(source_id="wp:old.example:1").body == "<p>Our words.</p>"
    updated = Article.objects.get(source_id="wp:old.example:2")
    assert "Their new words." in updated.body_html
    assert updated.history.count() == 2
    assert Article.objects.count() == 2
    assert "1 kept as edited here" in said


def test_files_of_one_site_belong_together(tmp_path: Path) -> None:
    (tmp_path / "media" / "2024" / "06").mkdir(parents=True)
    (tmp_path / "media" / "2024" / "06" / "b.jpg").write_bytes(picture("blue"))
    posts = write_export(
        tmp_path,
        item("One", '<a href="https://old.example/2024/06/two/#x">two</a>', slug="one", inner=meta(_thumbnail_id="9")),
        name="1.xml",
    )
    more = write_export(tmp_path, item("Two", slug="two"), item("Two again", slug="one", number=77), name="2.xml")
    files = write_export(
        tmp_path, attachment(9, "https://old.example/wp-content/uploads/2024/06/b.jpg", alt="Blue", caption="All blue"), name="3.xml"
    )
    run(posts, more, files, media_dir=tmp_path / "media")
    one = Article.objects.get(title="One")
    assert 'href="/two/#x"' in one.body
    assert (one.lead_image.source_id, one.lead_alt, one.lead_caption) == ("wp:old.example:9", "Blue", "All blue")


def test_pictures_that_are_missing_are_reported_and_come_with_a_later_run(tmp_path: Path) -> None:
    export = write_export(
        tmp_path,
        attachment(5, "https://old.example/wp-content/uploads/2024/06/a.jpg"),
        item("One", 'Words <img class="wp-image-5" src="https://old.example/wp-content/uploads/2024/06/a.jpg">'),
    )
    run(export, report=tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert {gap["item"] for gap in report["gaps"]} >= {"attachment 5 (picture-5)"}
    assert "old.example" not in Article.objects.get().body_html
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "a.jpg").write_bytes(picture())
    run(export, media_dir=tmp_path / "media")
    assert f'data-image="{Image.objects.get().pk}"' in Article.objects.get().body


def test_a_media_folder_gives_nothing_from_beyond_itself(tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(picture())
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    run(
        write_export(
            tmp_path,
            attachment(5, "https://old.example/wp-content/uploads/../secret.jpg"),
            attachment(6, "https://old.example/files/link.jpg"),
            item("One"),
        ),
        media_dir=tmp_path / "media",
    )
    assert Image.objects.count() == 0


def test_categories_tags_and_people_come_over(tmp_path: Path, client: Client) -> None:
    terms = (
        "<wp:category><wp:term_id>3</wp:term_id><wp:category_nicename>news</wp:category_nicename><wp:cat_name><![CDATA[News &amp; Notes]]></wp:cat_name></wp:category>"
        "<wp:category><wp:term_id>4</wp:term_id><wp:category_nicename>local</wp:category_nicename><wp:category_parent>news</wp:category_parent><wp:cat_name>Local</wp:cat_name></wp:category>"
    )
    filed = (
        category("local")
        + category("news")
        + category("food")
        + category("spring", domain="post_tag")
        + category("cap-bo", "Bo Bai", "author")
        + category("ann", domain="author")
    )
    run(
        write_export(
            tmp_path,
            author("ann", "Ann Ahn"),
            terms,
            item("One", inner=filed),
            item("Two", creator="eve@example.com", inner=category("food")),
        )
    )
    one = Article.objects.get(title="One")
    assert (one.section.slug, one.section.parent.name) == ("local", "News & Notes")
    assert sorted(tag.slug for tag in one.tags.all()) == ["food", "spring"]
    assert [person.name for person in one.authors] == ["Bo Bai", "Ann Ahn"]
    assert [person.name for person in Article.objects.get(title="Two").authors] == ["eve"]
    for address, target in [("/category/news/local/", "/category/local/"), ("/?cat=4", "/category/local/"), ("/?author=7", "/author/ann/")]:
        assert client.get(address)["Location"] == target
        assert client.get(target).status_code == 200


def test_premium_categories_and_tags_close_their_articles(tmp_path: Path, client: Client) -> None:
    text = "".join(f"<p>Paragraph {number} goes on for a good many words.</p>" for number in range(9))
    content = f"<p>Open.</p><!--more-->{text}<p>{SECRET}</p>"
    run(
        write_export(
            tmp_path,
            item("Paid", content, slug="paid", inner=category("plus")),
            item("Also", content, slug="also", inner=category("gold", domain="post_tag")),
            item("Free", content, slug="free"),
        ),
        premium_category=["plus"],
        premium_tag=["gold"],
    )
    assert {article.slug: article.effective_access for article in Article.objects.all()} == {
        "paid": "premium",
        "also": "premium",
        "free": "free",
    }
    assert SECRET not in client.get("/paid/").content.decode()
    assert SECRET not in client.get("/also/").content.decode()
    assert SECRET in client.get("/free/").content.decode()


def test_comments_keep_threads_and_states(tmp_path: Path) -> None:
    talk = comment(3, "Re: re", parent=2) + comment(2, "Re", parent=1) + comment(1, 'Hi<br>you, <a href="https://x.example/">look</a>')
    talk += (
        comment(4, state="0")
        + comment(5, state="spam")
        + comment(6, state="trash")
        + comment(7, kind="pingback")
        + comment(8, parent=99)
        + comment(9, parent=10)
        + comment(10, parent=9)
    )
    run(write_export(tmp_path, item("One", inner=talk)))
    by_number = {int(row.source_id.rsplit(":", 1)[1]): row for row in Comment.objects.all()}
    assert len(by_number) == 10
    assert by_number[1].body == "Hi\nyou, look (https://x.example/)"
    assert (by_number[3].parent, by_number[3].root) == (by_number[2], by_number[1])
    assert [by_number[number].status for number in (1, 4, 5, 6)] == ["published", "pending", "spam", "deleted"]
    assert by_number[7].body.startswith("Pingback: https://ulla.example/")
    assert by_number[8].parent is None
    assert Article.objects.get().comment_count == 7
    assert by_number[1].floor == 1


def test_a_comment_that_two_articles_claim_is_kept_once(tmp_path: Path) -> None:
    run(write_export(tmp_path, item("One", inner=comment(1)), item("Two", inner=comment(1) + comment(2, parent=1))))
    first, second = Comment.objects.order_by("source_id")
    assert (first.article.title, second.article.title) == ("One", "Two")
    assert second.parent is None


def test_search_fields_and_excerpt_are_kept(tmp_path: Path) -> None:
    yoast = meta(
        _yoast_wpseo_title="%%title%% – Best %%sep%% %%sitename%%",
        _yoast_wpseo_metadesc="What it says.",
        _yoast_wpseo_canonical="https://elsewhere.example/x",
    )
    run(write_export(tmp_path, item("Title", excerpt="<p>In <em>short</em>.</p>", inner=yoast)))
    article = Article.objects.get()
    assert (article.standfirst, article.seo_title, article.seo_description) == ("In short.", "Title – Best", "What it says.")
    assert article.canonical_url == "https://elsewhere.example/x"


def test_short_posts_are_briefs_and_pages_pages(tmp_path: Path) -> None:
    run(write_export(tmp_path, item("Short"), item("Long", "word " * 260), item("Page", kind="page")))
    assert {article.title: article.kind for article in Article.objects.all()} == {"Short": "brief", "Long": "long", "Page": "page"}


def test_other_kinds_are_named_and_menus_only_counted(tmp_path: Path) -> None:
    run(write_export(tmp_path, item("Recipe", kind="recipe"), item("Menu", kind="nav_menu_item")), report=tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["counts"]["recipe"] == {"left out": 1}
    assert report["counts"]["nav_menu_item"] == {"left out": 1}
    assert len(report["gaps"]) == 1


def test_an_item_that_breaks_off_is_kept_as_a_draft(tmp_path: Path) -> None:
    whole = HEAD + item("One") + item("Two", f"{SECRET} and so on", number=9)
    path = tmp_path / "cut.xml"
    path.write_text(whole[: whole.index("and so on")])
    said = run(path)
    assert {article.title: article.status for article in Article.objects.all()} == {
        "One": "published",
        "Two": "draft",
    } or Article.objects.count() == 1
    assert "breaks off" in said


@pytest.mark.parametrize(
    "content",
    [b"", b"<html><body>Not found</body></html>", b"\x00\xff\xfe" * 999, b"PK\x03\x04" + bytes(2000), b"<rss><channel></channel></rss>"],
)
def test_what_is_no_export_is_refused_without_a_trace(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="no WordPress export"):
        run(path)


def test_a_file_that_is_not_there_does_not_keep_the_others_out(tmp_path: Path) -> None:
    said = run(tmp_path / "nowhere.xml", write_export(tmp_path, item("One")))
    assert Article.objects.count() == 1
    assert "nowhere.xml" in said


def test_nobody_is_mailed(tmp_path: Path, mailoutbox: list[Any]) -> None:
    run(write_export(tmp_path, item("One", inner=comment(1) + comment(2, state="0"))))
    assert mailoutbox == []
    assert FOOT
