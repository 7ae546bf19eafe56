import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission

from accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(db):
    """Somebody in the newsroom who may change people and roles, but runs nothing."""
    user = make_user("clerk@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=["accounts", "auth"]))
    return user


@pytest.fixture
def as_clerk(client, clerk):
    client.force_login(clerk)
    return client


def change(client, person, **fields):
    data = {"email": person.email, "name": person.name, "is_active": "on"} | fields
    return client.post(f"/admin/accounts/user/{person.pk}/change/", data)


def test_the_newsroom_asks_for_the_same_sign_in(client):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/?next=")
    assert client.get("/admin/login/?next=/admin/accounts/")["Location"] == "/accounts/login/?next=%2Fadmin%2Faccounts%2F"


def test_readers_are_told_kindly_that_it_is_not_for_them(as_reader):
    answer = as_reader.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "This door is for others." in answer.content.decode()


def test_adding_a_person_takes_only_an_address(as_editor):
    form = as_editor.get("/admin/accounts/user/add/").content.decode()
    assert "password" not in form.partition('id="user_form"')[2].partition("</form>")[0].lower().replace("password/", "")
    as_editor.post("/admin/accounts/user/add/", {"email": " New@Example.com", "name": ""})
    user = User.objects.get(email="new@example.com")
    assert not user.has_usable_password()
    assert not user.is_staff


def test_an_address_is_given_once_however_it_is_written(as_editor, reader):
    answer = as_editor.post("/admin/accounts/user/add/", {"email": "READER@example.com", "name": ""})
    assert "Somebody has this address already." in answer.content.decode()


def test_no_password_hash_is_shown(as_editor, reader):
    page = as_editor.get(f"/admin/accounts/user/{reader.pk}/change/").content.decode()
    assert reader.password not in page
    assert 'name="password"' not in page


def test_a_clerk_changes_a_reader_but_gives_no_powers(as_clerk, reader):
    role = Group.objects.create(name="chiefs")
    change(as_clerk, reader, name="Renamed", is_staff="on", is_superuser="on", groups=[role.pk])
    reader.refresh_from_db()
    assert reader.name == "Renamed"
    assert not (reader.is_staff or reader.is_superuser or reader.groups.exists())


def test_a_clerk_touches_neither_their_own_account_nor_a_colleagues(as_clerk, clerk, editor):
    for person in (clerk, editor):
        assert change(as_clerk, person, email="mine@example.com", is_superuser="on").status_code == 403
        assert as_clerk.post(f"/admin/accounts/user/{person.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.get(pk=editor.pk).email == "editor@example.com"
    assert not User.objects.get(pk=clerk.pk).is_superuser


def test_a_clerk_gives_no_powers_by_way_of_roles(as_clerk):
    role = Group.objects.create(name="clerks")
    everything = list(Permission.objects.values_list("pk", flat=True))
    assert as_clerk.post(f"/admin/auth/group/{role.pk}/change/", {"name": "clerks", "permissions": everything}).status_code == 403
    assert as_clerk.get("/admin/auth/group/add/").status_code == 403


def test_an_editor_in_chief_gives_powers(as_editor, reader):
    change(as_editor, reader, is_staff="on")
    reader.refresh_from_db()
    assert reader.is_staff


def test_a_changed_address_has_to_be_proved_again(as_editor, client, reader):
    EmailAddress.objects.create(user=reader, email=reader.email, verified=True, primary=True)
    generation = reader.session_generation
    change(as_editor, reader, email="moved@example.com")
    reader.refresh_from_db()
    assert reader.email == "moved@example.com"
    assert not EmailAddress.objects.filter(user=reader).exists()
    assert reader.session_generation == generation + 1


def test_people_are_signed_out_everywhere_by_an_action_that_spares_chiefs_from_clerks(client, clerk, editor, reader):
    from django.test import Client

    browsers = {}
    for person in (reader, editor):
        browsers[person] = Client()
        browsers[person].force_login(person)
    client.force_login(clerk)
    data = {"action": "sign_out_everywhere", "_selected_action": [reader.pk, editor.pk]}
    client.post("/admin/accounts/user/", data)
    assert browsers[reader].get("/account/").status_code == 302
    assert browsers[editor].get("/account/").status_code == 200


def test_the_list_finds_people_and_asks_no_query_per_person(as_editor, count_queries):
    for _ in range(3):
        make_user()
    as_editor.get("/admin/accounts/user/")
    with count_queries() as few:
        as_editor.get("/admin/accounts/user/")
    for _ in range(6):
        make_user()
    with count_queries() as many:
        as_editor.get("/admin/accounts/user/")
    assert len(few) == len(many)
    assert "editor@example.com" in as_editor.get("/admin/accounts/user/?q=edda").content.decode()
