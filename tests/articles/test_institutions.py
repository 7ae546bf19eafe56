"""Libraries and schools: their networks and addresses open everything."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from time_machine import travel

from articles import institutions
from articles.models import Article, Institution, InstitutionDomain, InstitutionNetwork
from articles.models.access_levels import Access
from articles.polled import Polled
from tests.factories import make_article, make_user

pytestmark = pytest.mark.django_db
PAID = b"SENTINEL"


@pytest.fixture(autouse=True)
def _look_again():
    institutions.OPENINGS.forget()
    yield
    institutions.OPENINGS.forget()


def paid(access: Access = Access.PREMIUM) -> Article:
    body = "<p>The opening, for all.</p>" * 4 + '<hr class="paywall-divider">' + "<p>SENTINEL in the paid text.</p>" * 6
    return make_article(access=access, body=body)


def library(*networks: str, domains: tuple[str, ...] = (), **fields) -> Institution:
    found = Institution.objects.create(name="The Library", **fields)
    for network in networks:
        InstitutionNetwork.objects.create(institution=found, network=network)
    for domain in domains:
        InstitutionDomain.objects.create(institution=found, domain=domain)
    institutions.OPENINGS.forget()
    return found


def is_open(article: Article, address: str, **headers: str) -> bool:
    return PAID in Client(REMOTE_ADDR=address).get(article.get_absolute_url(), headers=headers).content


@pytest.mark.parametrize("access", [Access.REGISTERED, Access.METERED, Access.PREMIUM])
def test_a_network_opens_everything_to_who_reads_from_it(access):
    library("192.0.2.0/24", "2001:db8:5::/48")
    article = paid(access)
    for address in ("192.0.2.1", "192.0.2.255", "2001:db8:5::1", "::ffff:192.0.2.9"):
        assert is_open(article, address), address
    for address in ("192.0.3.1", "203.0.113.1", "2001:db8:6::1", "127.0.0.1", "::1", ""):
        assert not is_open(article, address), address


def test_what_a_network_s_reader_gets_is_kept_by_nobody():
    library("192.0.2.0/24")
    article = paid()
    response = Client(REMOTE_ADDR="192.0.2.1").get(article.get_absolute_url())
    assert response.headers["Cache-Control"] == "private, no-store"
    assert Client(REMOTE_ADDR="203.0.113.1").get(article.get_absolute_url()).headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "Forwarded", "X-Client-IP", "True-Client-IP"])
def test_nobody_writes_themselves_into_a_network(settings, header):
    library("192.0.2.0/24")
    article = paid()
    assert not is_open(article, "203.0.113.1", **{header: "192.0.2.1"})
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert not is_open(article, "10.0.0.1", **{"X-Forwarded-For": "192.0.2.1, 203.0.113.1"})


def test_an_address_that_a_trusted_proxy_tells_counts(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    library("192.0.2.0/24")
    article = paid()
    assert is_open(article, "10.0.0.1", **{"X-Forwarded-For": "203.0.113.5, 192.0.2.1, 10.0.0.7"})


@pytest.mark.parametrize("told", ["", "nonsense", "unknown, 10.0.0.2"])
def test_a_proxy_is_no_reader_even_if_its_network_is_an_institution_s(settings, told):
    settings.TRUSTED_PROXIES = ["10.0.0.0/16"]
    library("10.0.0.0/8")
    article = paid()
    assert not is_open(article, "10.0.0.1", **{"X-Forwarded-For": told})
    assert is_open(article, "10.0.0.1", **{"X-Forwarded-For": "10.9.0.1"})


def test_a_network_opens_between_its_dates_only():
    now = timezone.now()
    article = paid()
    library("192.0.2.0/24", starts_at=now + timedelta(days=2), ends_at=now + timedelta(days=5))
    for days, expected in ((0, False), (1.99, False), (2.01, True), (4.99, True), (5.01, False)):
        with travel(now + timedelta(days=days), tick=False):
            assert is_open(article, "192.0.2.1") is expected, days


def with_address(email: str, *, verified: bool = True):
    user = make_user(email)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=verified)
    return user


@pytest.mark.parametrize(
    ("email", "verified", "expected"),
    [
        ("ann@university.example", True, True),
        ("ann@students.university.example", True, True),
        ("ANN@University.Example", True, True),
        ("ann@university.example", False, False),
        ("ann@otheruniversity.example", True, False),
        ("ann@university.example.evil.example", True, False),
        ("ann@example", True, False),
    ],
)
def test_a_proved_address_at_a_domain_opens_everything(email, verified, expected):
    library(domains=("university.example",))
    article, client = paid(), Client()
    client.force_login(with_address(email, verified=verified))
    assert (PAID in client.get(article.get_absolute_url()).content) is expected


def test_a_domain_opens_between_its_dates_only():
    library(domains=("university.example",), starts_at=timezone.now() - timedelta(days=9), ends_at=timezone.now() - timedelta(days=1))
    client = Client()
    client.force_login(with_address("ann@university.example"))
    assert PAID not in client.get(paid().get_absolute_url()).content


@pytest.mark.parametrize("network", ["", "nonsense", "0.0.0.0/0", "::/0", "128.0.0.0/1", "2000::/3", "192.0.2.0/33", "192.0.2.1.1"])
def test_what_is_no_network_of_an_institution_is_refused(network):
    with pytest.raises(ValidationError):
        library(network)


@pytest.mark.parametrize("domain", ["", "gmail.com", "QQ.com.", "com", "not a domain", "a@@b"])
def test_what_is_no_domain_of_an_institution_is_refused(domain):
    with pytest.raises(ValidationError):
        library(domains=(domain,))


def test_networks_and_domains_are_kept_in_one_form():
    found = library("192.0.2.77/24", domains=("ann@University.Example.",))
    assert [str(row) for row in (*found.networks.all(), *found.domains.all())] == ["192.0.2.0/24", "university.example"]


def test_an_editor_adds_an_institution_and_it_opens_at_once(as_editor, django_capture_on_commit_callbacks):
    article = paid()
    assert not is_open(article, "192.0.2.1")
    form = {"name": "School", "starts_at_0": "2026-01-01", "starts_at_1": "00:00:00", "ends_at_0": "", "ends_at_1": "", "note": ""}
    for prefix, field, value in (("networks", "network", "192.0.2.0/24"), ("domains", "domain", "school.example")):
        form |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "0", f"{prefix}-0-{field}": value}
    with django_capture_on_commit_callbacks(execute=True):
        assert as_editor.post("/admin/articles/institution/add/", form).status_code == 302
    assert is_open(article, "192.0.2.1")


def test_before_django_the_question_costs_no_query(count_queries):
    library("192.0.2.0/24")
    institutions.is_personal_address({"REMOTE_ADDR": "192.0.2.1"})
    with count_queries() as queries:
        assert institutions.is_personal_address({"REMOTE_ADDR": "192.0.2.1"})
        assert not institutions.is_personal_address({"REMOTE_ADDR": "203.0.113.1"})
        assert not institutions.is_personal_address({})
    assert len(queries) == 0


def test_what_another_process_changed_is_seen_within_a_second():
    now, values = [0.0], ["old", "new"]
    here = Polled("test:polled", lambda: values.pop(0), without="", clock=lambda: now[0])
    elsewhere = Polled("test:polled", str, without="")
    assert here.current() == "old"
    elsewhere.forget()
    now[0] = 0.9
    assert here.current() == "old"
    now[0] = 1.0
    assert here.current() == "new"


def test_the_rule_for_dates_is_one_for_a_row_and_for_a_set():
    now = timezone.now()
    for start in (-2, -1, 1):
        for end in (None, -0.5, 0.5, 2):
            ends_at = None if end is None else now + timedelta(days=end)
            if ends_at is not None and ends_at <= now + timedelta(days=start):
                continue
            row = library(starts_at=now + timedelta(days=start), ends_at=ends_at)
            assert row.is_in_force() is Institution.objects.in_force().filter(pk=row.pk).exists()
