"""Articles in the newsroom."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Credit, Image, Redirect
from tests.factories import make_article, make_person, make_section, make_tag, make_user

pytestmark = pytest.mark.django_db
PRINT = Path("demo/art/prints/key.webp")
# Every element of docs/body.md.
BODY = (
    '<p>Text <b>b</b> <i lang="zh-Latn">i</i> <a href="https://e.example/" title="t">link</a> <q>q</q><sup>2</sup> '
    '<span class="footnote">A <em>note</em>.</span> <span class="term" data-pinyin="wùyè" data-gloss="Management.">物业</span> '
    '<ruby>接<rt>jiē</rt>龙<rt>lóng</rt></ruby> <span class="fx">(€305)</span> <abbr title="a b">ab</abbr> <time datetime="2026-06-05">then</time></p>'
    '<h2 id="s-part">Part</h2><ul><li>one</li><li>two<ul><li>deep</li></ul></li></ul><ol start="3"><li>three</li></ol>'
    '<ol class="ranking"><li><h3>First</h3><span class="count num">2,914</span><p>Why.</p></li></ol><dl><dt>term</dt><dd>meaning</dd></dl>'
    '<figure class="breakout"><img data-image="1" src="/media/a.webp" alt="An alt"><figcaption>Caption <span class="credit">Credit</span></figcaption></figure>'
    '<div class="gallery"><figure><img data-image="1" alt=""></figure><figure><img data-image="2" alt=""></figure></div>'
    '<figure class="pull"><blockquote><p>Said.</p></blockquote><figcaption>Who</figcaption></figure>'
    '<table><caption>Cap</caption><thead><tr><th scope="col">A</th><th scope="col" class="num">B</th></tr></thead>'
    '<tbody><tr><th scope="row">x</th><td class="num">1</td></tr></tbody></table>'
    '<aside class="also" data-article="other"></aside><aside class="appeal"></aside><aside class="gloss" data-pinyin="p"><b>业主群</b>Group.</aside>'
    '<figure class="embed" data-embed="https://www.youtube.com/watch?v=dQw4w9WgXcQ"><figcaption>Film</figcaption></figure>'
    '<figure class="audio"><audio controls src="/media/a.mp3"></audio><figcaption>Sound</figcaption></figure>'
    '<hr><hr class="paywall-divider"><p class="soft">Soft.</p><pre><code>code</code></pre><ul class="references"><li>Ref.</li></ul>'
)


def member(group: str, **fields: Any) -> User:
    user = make_user(is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=group))
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def change_url(article: Article) -> str:
    return reverse("admin:articles_article_change", args=[article.pk])


def form_of(client: Client, url: str) -> dict[str, Any]:
    """Return what a browser would send back if nothing were touched."""
    context = client.get(url).context
    sent: dict[str, Any] = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            for widget in bound.subwidgets if hasattr(bound.field.widget, "widgets") else []:
                for part in widget.data.get("subwidgets", []):
                    sent[part["name"]] = part["value"] or ""
            if not hasattr(bound.field.widget, "widgets") and value is not None and value is not False:
                sent[bound.html_name] = value if isinstance(value, list | tuple) else str(value)
    return sent


def save(client: Client, article: Article, **changes: Any) -> Article:
    response = client.post(change_url(article), form_of(client, change_url(article)) | changes)
    assert response.status_code == 302, response.context["errors"]
    return Article.objects.get(pk=article.pk)


def test_opening_and_saving_loses_nothing_of_a_body(as_editor: Client) -> None:
    article = make_article(body=BODY, tags=(make_tag(),), by=(make_person(),))
    stored = Article.objects.get(pk=article.pk)
    again = save(as_editor, stored)
    assert again.body == stored.body
    for part in (
        "footnote",
        "data-gloss",
        "<rt>",
        "breakout",
        "gallery",
        "pull",
        "<caption>",
        "data-article",
        "data-embed",
        "<audio",
        "paywall-divider",
        "references",
    ):
        assert part in again.body
    assert (again.published_at.replace(microsecond=0), again.title) == (stored.published_at.replace(microsecond=0), stored.title)
    assert list(again.tags.all()) == list(stored.tags.all()) and again.credits.count() == 1


def test_what_cannot_be_stored_is_cleaned_on_every_write(as_editor: Client) -> None:
    article = save(as_editor, make_article(), body='<p onclick="x()">Text<script>alert(1)</script></p>')
    assert "script" not in article.body and "onclick" not in article.body
    article.body = '<p>New<iframe src="https://evil.example"></iframe></p>'
    article.save(update_fields=["body"])
    assert "iframe" not in Article.objects.get(pk=article.pk).body


def test_every_save_is_a_revision_with_its_author(as_editor: Client, editor: User) -> None:
    article = make_article("Before")
    save(as_editor, article, title="After")
    latest = article.history.latest()
    assert (latest.title, latest.history_user) == ("After", editor)
    assert as_editor.get(reverse("admin:articles_article_history", args=[article.pk])).status_code == 200


def test_a_new_address_leaves_the_old_one_leading_on(as_editor: Client) -> None:
    save(as_editor, make_article(slug="old"), slug="new")
    assert Redirect.objects.get().old_path == "/old/"


def test_a_draft_takes_the_former_address_of_no_other_article(client: Client) -> None:
    tilda = member("Contributors")
    Redirect.objects.create(old_path="/well-known/", article=make_article("Well known", slug="better-known"))
    draft = make_article("Mine", slug="mine", status=Article.Status.DRAFT, by=(make_person(user=tilda),))
    Article.objects.filter(pk=draft.pk).update(published_at=None, first_published_at=None)
    save(signed_in(tilda), draft, slug="well-known")
    assert client.get("/well-known/")["Location"] == "/better-known/"


def test_the_search_knows_names_given_with_the_form(as_editor: Client) -> None:
    article, person = make_article("Plain"), make_person("Unmistakable Xanthippe")
    save(
        as_editor,
        article,
        **{"credits-TOTAL_FORMS": "1", "credits-0-person": str(person.pk), "credits-0-role": "author", "credits-0-position": "0"},
    )
    assert Credit.objects.get().person == person
    assert "Plain" in as_editor.get(reverse("articles:search"), {"q": "Xanthippe"}).content.decode()


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("publish", "draft", "published"),
        ("unpublish", "published", "unpublished"),
        ("submit", "draft", "in_review"),
        ("bin", "draft", "trashed"),
    ],
)
def test_a_step_is_asked_for_and_taken_by_post_only(as_editor: Client, name: str, before: str, after: str) -> None:
    article = make_article(status=before)
    url = reverse("admin:articles_article_step", args=[article.pk, name])
    assert as_editor.get(url).status_code == 200
    assert Article.objects.get(pk=article.pk).status == before
    as_editor.post(url)
    assert Article.objects.get(pk=article.pk).status == after


def test_scheduling_asks_for_a_moment_to_come(as_editor: Client) -> None:
    article = make_article(status="draft")
    url = reverse("admin:articles_article_step", args=[article.pk, "schedule"])
    assert as_editor.post(url, {"at_0": "", "at_1": ""}).status_code == 200
    as_editor.post(url, {"at_0": "2020-01-01", "at_1": "10:00"})
    assert Article.objects.get(pk=article.pk).status == "draft"
    as_editor.post(url, {"at_0": "2999-01-01", "at_1": "10:00"})
    assert Article.objects.get(pk=article.pk).status == "scheduled"


def test_several_articles_are_published_after_a_question(as_editor: Client) -> None:
    articles = [make_article(status="draft") for _ in range(2)]
    sent = {"action": "publish_selected", "_selected_action": [article.pk for article in articles]}
    url = reverse("admin:articles_article_changelist")
    assert b"Show it to readers now?" in as_editor.post(url, sent).content
    assert not Article.objects.published().exists()
    as_editor.post(url, sent | {"confirmed": "yes"})
    assert Article.objects.published().count() == 2


def test_a_contributor_writes_and_submits_but_never_publishes() -> None:
    user = member("Contributors")
    make_person("Byline", user=user)
    client = signed_in(user)
    empty = form_of(client, reverse("admin:articles_article_add"))
    response = client.post(reverse("admin:articles_article_add"), empty | {"title": "Mine", "body": "<p>Text.</p>"})
    assert response.status_code == 302, response.context["errors"]
    mine = Article.objects.get(title="Mine")
    assert (mine.status, [person.name for person in mine.authors]) == ("draft", ["Byline"])
    for name in ("publish", "schedule"):
        client.post(reverse("admin:articles_article_step", args=[mine.pk, name]), {"at_0": "2999-01-01", "at_1": "10:00"})
        assert Article.objects.get(pk=mine.pk).status == "draft"
    client.post(reverse("admin:articles_article_step", args=[mine.pk, "submit"]))
    assert Article.objects.get(pk=mine.pk).status == "in_review"


def test_a_contributor_cannot_publish_by_a_forged_form() -> None:
    user = member("Contributors")
    article = make_article(status="draft", published_at=None, by=(make_person(user=user),))
    client = signed_in(user)
    sent = form_of(client, change_url(article)) | {"status": "published", "published_at_0": "2020-01-01", "published_at_1": "10:00"}
    client.post(change_url(article), sent)
    client.post(
        reverse("admin:articles_article_changelist"), {"action": "publish_selected", "_selected_action": [article.pk], "confirmed": "yes"}
    )
    assert Article.objects.get(pk=article.pk).status == "draft"


def test_a_contributor_sees_nothing_of_others() -> None:
    client = signed_in(member("Contributors"))
    other = make_article("Of somebody else", status="draft", body="<p>SENTINEL</p>")
    assert b"Of somebody else" not in client.get(reverse("admin:articles_article_changelist")).content
    assert b"SENTINEL" not in client.get(change_url(other), follow=True).content


def test_what_is_public_is_out_of_a_contributors_hands() -> None:
    user = member("Contributors")
    article = make_article("Public", by=(make_person(user=user),))
    signed_in(user).post(change_url(article), {"title": "Changed"})
    assert Article.objects.get(pk=article.pk).title == "Public"


def revision_url(article: Article, version: int) -> str:
    return reverse("admin:articles_article_simple_history", args=[article.pk, version])


def test_the_revisions_of_others_are_nobodys_to_read_or_to_bring_back() -> None:
    client, article = signed_in(member("Contributors")), make_article("Somebody’s", body="<p>Paid.</p>", access="premium")
    address = revision_url(article, article.history.latest().pk)
    sent = {"title": "Mine now", "slug": article.slug, "kind": "long", "language": "en", "access": "free", "body": "<p>Mine.</p>"}
    assert client.get(address).status_code == 404
    assert client.get(reverse("admin:articles_article_history", args=[article.pk])).status_code == 404
    assert client.post(address, sent).status_code == 404
    assert Article.objects.get(pk=article.pk).title == "Somebody’s"


def test_a_contributor_brings_no_revision_of_a_published_article_back() -> None:
    tilda = member("Contributors")
    article = make_article("As it was", by=(make_person(user=tilda),))
    client, address = signed_in(tilda), revision_url(article, article.history.latest().pk)
    assert client.get(address).status_code == 200
    sent = {"title": "Changed", "slug": article.slug, "kind": "long", "language": "en", "body": "<p>Changed.</p>"}
    assert client.post(address, sent).status_code == 403
    assert Article.objects.get(pk=article.pk).title == "As it was"


@pytest.mark.parametrize("status", [Article.Status.DRAFT, Article.Status.UNPUBLISHED])
def test_a_revision_brings_the_text_back_and_not_the_publication(status: str) -> None:
    tilda = member("Authors" if status == Article.Status.UNPUBLISHED else "Contributors")
    article = make_article("Once public", by=(make_person(user=tilda),))
    version = article.history.latest().pk
    article.status, article.title = status, "Withdrawn"
    article.save()
    sent = {"title": "Once public", "slug": article.slug, "kind": "long", "language": "en", "body": "<p>Back.</p>"}
    response = signed_in(tilda).post(revision_url(article, version), sent)
    assert response.status_code == 302, response.context["errors"]
    again = Article.objects.get(pk=article.pk)
    assert (again.title, again.status) == ("Once public", status)


def test_bringing_back_a_revision_without_a_date_leaves_a_scheduled_article_its_hour(as_editor: Client) -> None:
    article = make_article("Early", status=Article.Status.DRAFT)
    article.published_at = None
    article.save()
    version, at = article.history.latest().pk, timezone.now() + timedelta(days=1)
    article.status, article.published_at = Article.Status.SCHEDULED, at
    article.save()
    sent = {"title": "Early", "slug": article.slug, "kind": "long", "language": "en", "body": "<p>Back.</p>"}
    assert as_editor.post(revision_url(article, version), sent).status_code == 302
    again = Article.objects.get(pk=article.pk)
    assert (again.status, again.published_at) == (Article.Status.SCHEDULED, at)


def test_an_author_publishes_their_own_and_no_other() -> None:
    user = member("Authors")
    own, other = make_article(status="draft", by=(make_person(user=user),)), make_article(status="draft")
    client = signed_in(user)
    for article in (own, other):
        client.post(reverse("admin:articles_article_step", args=[article.pk, "publish"]))
    assert [Article.objects.get(pk=article.pk).status for article in (own, other)] == ["published", "draft"]


def test_an_editor_by_group_runs_the_desk() -> None:
    client = signed_in(member("Editors"))
    article = make_article(status="in_review")
    client.post(reverse("admin:articles_article_step", args=[article.pk, "publish"]))
    assert Article.objects.get(pk=article.pk).is_published


def test_the_list_costs_the_same_however_long_it_is(as_editor: Client, count_queries) -> None:
    url, section = reverse("admin:articles_article_changelist"), make_section()
    for _ in range(3):
        make_article(section=section, by=(make_person(),))
    as_editor.get(url)
    with count_queries() as few:
        as_editor.get(url)
    for _ in range(6):
        make_article(section=section, by=(make_person(),))
    # New articles empty the cache of the frame; that isn't what is counted here.
    as_editor.get(url)
    with count_queries() as many:
        as_editor.get(url)
    assert len(many) == len(few)


@pytest.mark.parametrize("query", ["?q=x", "?status__exact=draft", "?kind__exact=long", "?published_at__year=2026"])
def test_the_list_is_searched_and_filtered(as_editor: Client, query: str) -> None:
    make_article()
    assert as_editor.get(reverse("admin:articles_article_changelist") + query).status_code == 200


def test_a_picture_is_uploaded_checked_and_stripped(as_editor: Client) -> None:
    url = reverse("admin:articles_image_add")
    assert as_editor.get(url).status_code == 200
    sent = {"title": "Key", "alt": "A key", "caption": "", "credit": "", "focal_x": "50", "focal_y": "50"}
    taken = as_editor.post(url, sent | {"file": SimpleUploadedFile("key.webp", PRINT.read_bytes())})
    assert taken.status_code == 302, taken.context["errors"]
    image = Image.objects.get()
    assert (image.title, image.alt, bool(image.checksum)) == ("Key", "A key", True)
    refused = as_editor.post(url, sent | {"file": SimpleUploadedFile("x.svg", b"<svg/>")})
    assert refused.status_code == 200 and b"Only JPEG" in refused.content
    assert as_editor.get(reverse("admin:articles_image_change", args=[image.pk])).status_code == 200
    assert as_editor.get(reverse("admin:articles_image_changelist")).status_code == 200


@pytest.mark.parametrize("model", ["person", "section", "tag", "series", "redirect", "frontslot", "image", "article"])
def test_every_list_and_every_empty_form_opens(as_editor: Client, model: str) -> None:
    assert as_editor.get(reverse(f"admin:articles_{model}_changelist")).status_code == 200
    assert as_editor.get(reverse(f"admin:articles_{model}_add")).status_code == 200


def test_the_paywall_is_one_page_of_settings(as_editor: Client) -> None:
    response = as_editor.get(reverse("admin:articles_paywallsettings_changelist"), follow=True)
    assert response.status_code == 200 and b"sign_note" in response.content


def test_the_first_page_says_what_waits(as_editor: Client) -> None:
    make_article("Waiting piece", status="in_review")
    html = as_editor.get(reverse("admin:index")).content.decode()
    assert "Waiting piece" in html and "in review" in html


def test_a_contributors_first_page_shows_their_own_only() -> None:
    make_article("Of somebody else", status="draft")
    html = signed_in(member("Contributors")).get(reverse("admin:index")).content.decode()
    assert "Of somebody else" not in html


def test_the_newsroom_has_a_policy_of_its_own(as_editor: Client, client: Client) -> None:
    assert "'unsafe-eval'" in as_editor.get(reverse("admin:index")).headers["Content-Security-Policy"]
    assert "unsafe" not in client.get(make_article().get_absolute_url()).headers["Content-Security-Policy"]
