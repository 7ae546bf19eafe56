"""The reader's list of saved articles."""

import pytest
from django.test import Client

from accounts.models import User
from articles import privacy, saving
from articles.models import Article, SavedArticle
from tests.factories import make_article, make_person, make_section, make_user

pytestmark = pytest.mark.django_db


def press(client: Client, article: Article, wish: str = "save", **headers: str):
    return client.post(f"/{article.slug}/save/", {"wish": wish}, headers=headers)


def saved_by(user: User) -> list[str]:
    return list(SavedArticle.objects.filter(user=user).newest_first().values_list("article__title", flat=True))


def test_the_button_saves_and_forgets_and_leads_back(as_reader: Client, reader: User):
    article = make_article("Walls")
    for _ in range(2):
        response = press(as_reader, article)
        assert (response.status_code, response.headers["Location"]) == (303, article.get_absolute_url())
    assert saved_by(reader) == ["Walls"]
    assert 'aria-pressed="true">Saved' in as_reader.get(article.get_absolute_url()).content.decode()
    press(as_reader, article, "forget")
    assert saved_by(reader) == []
    assert 'aria-pressed="false">Save<' in as_reader.get(article.get_absolute_url()).content.decode()


def test_htmx_gets_the_other_button(as_reader: Client):
    article = make_article()
    response = press(as_reader, article, **{"HX-Request": "true"})
    assert response.status_code == 200
    assert response.content.decode().strip().startswith('<form class="save"') and 'value="forget"' in response.content.decode()


def test_a_stranger_signs_in_and_then_it_is_saved(client: Client, reader: User, rf):
    article = make_article("Walls")
    response = press(client, article)
    assert response.status_code == 302
    assert response.headers["Location"].endswith(f"?next={article.get_absolute_url()}")
    assert press(client, article, **{"HX-Request": "true"}).headers["HX-Redirect"].endswith(f"?next={article.get_absolute_url()}")
    request = rf.get("/")
    request.session = client.session
    saving.save_at_sign_in(request=request, user=reader)
    saving.save_at_sign_in(request=request, user=make_user())
    assert saved_by(reader) == ["Walls"]
    assert SavedArticle.objects.count() == 1


def test_a_wish_for_what_was_unpublished_meanwhile_is_dropped(client: Client, reader: User, rf):
    article = make_article()
    press(client, article)
    Article.objects.update(status="unpublished")
    request = rf.get("/")
    request.session = client.session
    saving.save_at_sign_in(request=request, user=reader)
    assert saved_by(reader) == []


def test_the_page_of_an_article_stays_the_same_for_every_stranger(client: Client):
    article = make_article()
    response = client.get(article.get_absolute_url())
    assert f'action="/{article.slug}/save/"' in response.content.decode()
    assert response.headers["Cache-Control"].startswith("public") and not response.cookies


def test_another_site_saves_nothing(as_reader: Client, reader: User):
    assert press(as_reader, make_article(), **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert saved_by(reader) == []


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"kind": "page"}])
def test_only_published_articles_are_saved(as_reader: Client, reader: User, fields):
    assert press(as_reader, make_article(**fields)).status_code == 404
    assert saved_by(reader) == []


def test_the_list_shows_ones_own_the_newest_first_and_nothing_unpublished(as_reader: Client, reader: User):
    first, second, hidden, foreign = (make_article(title) for title in ("First", "Second", "Hidden", "Foreign"))
    for article in (first, second, hidden):
        saving.save_article(reader, article)
    saving.save_article(make_user(), foreign)
    Article.objects.filter(pk=hidden.pk).update(status="unpublished")
    response = as_reader.get("/account/saved/")
    html = response.content.decode()
    assert html.index("Second") < html.index("First")
    assert "Hidden" not in html and "Foreign" not in html
    assert "no-store" in response.headers["Cache-Control"]


def test_the_list_is_paged_and_costs_the_same_on_every_page(as_reader: Client, reader: User, count_queries):
    articles = [make_article(f"Title {number:02}", section=make_section(), by=(make_person(),)) for number in range(45)]
    for article in articles[:4]:
        saving.save_article(reader, article)
    as_reader.get("/account/saved/")
    with count_queries() as few:
        as_reader.get("/account/saved/")
    for article in articles[4:]:
        saving.save_article(reader, article)
    seen, address = [], "/account/saved/"
    while address:
        with count_queries() as many:
            response = as_reader.get(address)
        assert len(many) == len(few)
        page = response.context["page"]
        seen += [article.title for article in page.articles]
        address = f"/account/saved/?before={page.next}" if page.next else ""
    assert seen == [article.title for article in reversed(articles)]


@pytest.mark.parametrize("before", ["0", "-1", "x", "1e3", "9" * 30, ""])
def test_no_place_in_the_list_is_not_found(as_reader: Client, before: str):
    assert as_reader.get("/account/saved/", {"before": before}).status_code == 404


def test_an_empty_list_says_how_to_fill_it(as_reader: Client):
    assert "Choose “Save”" in as_reader.get("/account/saved/").content.decode()


def test_strangers_have_no_list(client: Client):
    assert client.get("/account/saved/").status_code == 302


def test_the_list_is_exported_and_goes_with_the_account(reader: User):
    saving.save_article(reader, make_article("Walls"))
    assert [row["article__title"] for row in privacy.export(reader)["saved"]] == ["Walls"]
    reader.delete()
    assert not SavedArticle.objects.exists()
