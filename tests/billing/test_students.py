"""The students' price is for those who prove each year that they study."""

from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from billing.models import CheckoutAttempt, Mail, Price, PriceMove, SellingRules, StudentProof, Subscription
from billing.privacy import erase, export
from billing.students import decide, is_student, look_after_students
from billing.tasks import move_prices
from tests.factories import make_price, make_subscription, make_user
from tests.sandbox.conftest import wire_problems  # noqa: F401 - holds every request against Stripe's types

URL = "/subscribe/students/"
CARD = b"%PDF-1.7 a student card"


@pytest.fixture(autouse=True)
def _private_files(monkeypatch, tmp_path):
    # The field took its storage when the model was made, so that the setting would come too late.
    monkeypatch.setattr(StudentProof._meta.get_field("evidence"), "storage", FileSystemStorage(tmp_path / "private"))


@pytest.fixture
def price(plan, month):
    return make_price(plan=plan, amount=350, for_students=True)


@pytest.fixture
def student(db):
    return make_user("ada@cs.uni.example")


def rules(**fields):
    row = SellingRules.load()
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def accepted(user, **delta):
    return StudentProof.objects.create(user=user, kind="address", state="accepted", valid_until=timezone.now() + timedelta(**delta))


def hand_in(client, content=CARD, name="card.pdf"):
    return client.post(URL, {"evidence": SimpleUploadedFile(name, content)})


def test_an_address_of_a_known_university_proves_it(client, student, price):
    rules(student_domains="uni.example\n")
    client.force_login(student)
    assert "Use my address" in client.get(URL).content.decode()
    client.post(URL, {"address": "1"})
    assert is_student(student)
    proof = StudentProof.objects.get()
    assert proof.kind == "address" and (proof.valid_until - timezone.now()).days == 364
    assert Mail.objects.filter(name="student_accepted", user=student).count() == 1


@pytest.mark.parametrize("address", ["a@notuni.example", "a@uni.example.org", "a@example"])
def test_an_address_elsewhere_proves_nothing(client, price, address):
    rules(student_domains="uni.example")
    user = make_user(address if "." in address else "a@example.com")
    client.force_login(user)
    client.post(URL, {"address": "1"})
    assert not is_student(user) and StudentProof.objects.count() == 0


def test_who_has_proved_it_buys_at_the_students_price(till, client, student, price):
    accepted(student, days=100)
    client.force_login(student)
    response = client.post(f"{URL}{price.pk}/checkout/")
    assert response.status_code == 303
    assert till.stripe.object(till.session_of(student))["amount_total"] == 350


def test_nobody_else_does_by_any_way(till, as_reader, reader, price, month):
    assert as_reader.post(f"{URL}{price.pk}/checkout/").headers["Location"] == URL
    assert as_reader.post(f"{URL}{month.pk}/checkout/").status_code == 404
    till.choose(as_reader, month, for_students="1")
    assert till.stripe.object(till.session_of(reader))["amount_total"] == 700
    till.stripe.complete_checkout(till.session_of(reader))
    till.come_back(as_reader, CheckoutAttempt.objects.get())
    assert as_reader.get(f"/account/billing/change/{price.pk}/").status_code == 404


def test_a_proven_student_changes_to_the_students_price(till, as_reader, reader, price, month):
    till.subscribe(as_reader, reader, month)
    accepted(reader, days=100)
    assert as_reader.get(f"/account/billing/change/{price.pk}/").status_code == 200


def test_the_prices_show_the_way_but_never_offer_it(client, price, month):
    text = client.get("/subscribe/").content.decode()
    assert URL in text and "€3.50" in text
    assert text.split("<main")[1].split("</main>")[0].count("<form") == 1


def test_a_document_waits_for_the_newsroom_and_is_erased_once_decided(
    client, as_editor, reader, editor, price, tmp_path, django_capture_on_commit_callbacks
):
    rules(takes_documents=True)
    as_editor.force_login(reader)
    hand_in(as_editor)
    proof = StudentProof.objects.get()
    assert proof.is_waiting and not is_student(reader)
    assert "reader" not in proof.evidence.name and "card" not in proof.evidence.name
    as_editor.force_login(editor)
    response = as_editor.get(f"/admin/billing/studentproof/{proof.pk}/document/")
    assert b"".join(response.streaming_content) == CARD
    assert response.headers["X-Content-Type-Options"] == "nosniff" and "attachment" in response.headers["Content-Disposition"]
    with django_capture_on_commit_callbacks(execute=True):
        as_editor.post("/admin/billing/studentproof/", {"action": "accept", "_selected_action": [proof.pk]})
    assert is_student(reader)
    assert not [path for path in (tmp_path / "private").rglob("*") if path.is_file()]
    assert as_editor.get(f"/admin/billing/studentproof/{proof.pk}/document/").status_code == 404


def test_a_document_is_seen_by_those_who_decide_alone(client, reader, price):
    rules(takes_documents=True)
    client.force_login(reader)
    hand_in(client)
    proof = StudentProof.objects.get()
    for user in (reader, make_user(), make_user(is_staff=True)):
        client.force_login(user)
        assert client.get(f"/admin/billing/studentproof/{proof.pk}/document/").status_code in (302, 403)
    assert client.get(f"/media/{proof.evidence.name}").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [("card.exe", CARD), ("card.pdf", b"<html>"), ("card.svg", b"<svg>"), ("card.png", CARD), ("card.pdf", CARD + b"x" * 5 * 1024 * 1024)],
)
def test_what_is_no_document_is_refused(client, reader, price, name, content):
    rules(takes_documents=True)
    client.force_login(reader)
    assert hand_in(client, content, name).status_code == 200
    assert StudentProof.objects.count() == 0


def test_documents_are_a_switch_and_one_at_a_time(client, reader, price):
    client.force_login(reader)
    hand_in(client)
    assert StudentProof.objects.count() == 0
    rules(takes_documents=True)
    for _ in range(2):
        hand_in(client)
    assert StudentProof.objects.count() == 1


def test_of_a_document_that_came_second_nothing_is_kept(client, reader, price, tmp_path):
    rules(takes_documents=True)
    client.force_login(reader)
    for _ in range(2):
        hand_in(client)
    kept = [path for path in (tmp_path / "private").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [StudentProof.objects.get().evidence.name.rpartition("/")[2]]


def test_a_refused_reader_is_told_and_may_try_again(reader, price):
    proof = StudentProof.objects.create(user=reader, kind="evidence")
    assert decide(proof, StudentProof.State.REFUSED) and not decide(proof, StudentProof.State.ACCEPTED)
    assert not is_student(reader)
    assert Mail.objects.get(user=reader).name == "student_refused"


def test_a_reminder_comes_once_a_month_before_the_end(reader, price):
    make_subscription(reader, price=price)
    accepted(reader, days=31)
    look_after_students()
    assert Mail.objects.count() == 0
    StudentProof.objects.update(valid_until=timezone.now() + timedelta(days=29))
    for _ in range(2):
        look_after_students()
    assert Mail.objects.get().name == "student_reminder"


def test_without_a_new_proof_the_ordinary_price_is_paid_from_a_later_renewal_on(till, client, student, price, month):
    proof = accepted(student, days=10)
    client.force_login(student)
    client.post(f"{URL}{price.pk}/checkout/")
    attempt = CheckoutAttempt.objects.get()
    till.stripe.complete_checkout(attempt.stripe_session_id)
    till.come_back(client, attempt)
    with till.later(days=11):
        move_prices()
        assert Mail.objects.get(name="student_ended").context["new"] == "€7 a month"
    for days in (28, 32):
        with till.later(days=days):
            client.force_login(student)
            client.get("/account/billing/", {"from": "portal"})
            move_prices()
    assert [invoice["amount_paid"] for invoice in till.stripe.objects("invoice")] == [700, 350]
    assert Subscription.objects.get().price == month and proof.pk


def test_who_shows_it_again_in_time_keeps_the_price(till, client, student, price, month):
    row = make_subscription(student, price=price)
    accepted(student, days=-1)
    look_after_students()
    assert PriceMove.objects.waiting().get().subscription == row
    again = StudentProof.objects.create(user=student, kind="evidence")
    decide(again, StudentProof.State.ACCEPTED)
    assert PriceMove.objects.get().state == "left"


def test_the_words_and_the_predicates_agree(reader):
    for state in StudentProof.State:
        for days in (-1, 1):
            if state != "waiting" or days == 1:
                StudentProof.objects.create(user=reader, kind="address", state=state, valid_until=timezone.now() + timedelta(days=days))
    everything = list(StudentProof.objects.all())
    assert {row.pk for row in everything if row.is_in_force()} == set(StudentProof.objects.in_force().values_list("pk", flat=True))
    assert {row.pk for row in everything if row.is_waiting} == set(StudentProof.objects.waiting().values_list("pk", flat=True))


def test_proofs_are_exported_and_erased_with_their_files(client, reader, price, tmp_path):
    rules(takes_documents=True)
    client.force_login(reader)
    hand_in(client)
    assert export(reader)["student_proofs"][0]["kind"] == "evidence"
    erase(reader, False)
    assert StudentProof.objects.count() == 0
    assert not [path for path in (tmp_path / "private").rglob("*") if path.is_file()]


def test_the_number_of_queries_does_not_grow_with_the_proofs(as_editor, count_queries):
    url = "/admin/billing/studentproof/"
    accepted(make_user(), days=3)
    as_editor.get(url)
    with count_queries() as few:
        as_editor.get(url)
    for _ in range(4):
        accepted(make_user(), days=3)
    with count_queries() as many:
        as_editor.get(url)
    assert len(many) == len(few)


def test_those_who_look_after_money_decide_and_start_nothing(client, reader, month):
    from django.contrib.auth.models import Group

    from billing.models import PriceMigration

    clerk = make_user(is_staff=True)
    clerk.groups.add(Group.objects.get(name="Money"))
    proof = StudentProof.objects.create(user=reader, kind="evidence")
    client.force_login(clerk)
    client.post("/admin/billing/studentproof/", {"action": "accept", "_selected_action": [proof.pk]})
    assert is_student(reader)
    assert client.get("/admin/billing/cancellation/").status_code == 200
    row = PriceMigration.objects.create(from_price=month, to_price=make_price())
    assert client.post(f"/admin/billing/pricemigration/{row.pk}/start/").status_code == 403


def test_the_students_prices_of_the_set_are_those_of_the_predicate(price, month, plan):
    make_price(plan=plan, amount=1, interval="year", for_students=True, is_current=False)
    everything = Price.objects.select_related("plan")
    assert {row.pk for row in everything if row.is_for_proven_students} == {price.pk}
    assert set(Price.objects.for_proven_students().values_list("pk", flat=True)) == {price.pk}
    assert {row.pk for row in everything if row.is_on_sale} == set(Price.objects.on_sale().values_list("pk", flat=True)) == {month.pk}
