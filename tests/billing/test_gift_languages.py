"""Mails speak the language of whom they go to: their account's, else that in which it was bought or written."""

import pytest
from django.core import mail

from billing.invitations import invite, send_again
from billing.models import CheckoutAttempt, ContributionSettings, Mail
from billing.tasks import send_mail
from tests.billing.gifting import FRIEND, bought, path_of
from tests.factories import make_group, make_user

CHINESE = {"django_language": "zh-hans"}


def speaks_chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def sent(name):
    """Send what waits under a name as the worker does, in the site's own language, and return it."""
    row = Mail.objects.get(name=name)
    mail.outbox.clear()
    Mail.objects.filter(pk=row.pk).update(status="waiting")
    send_mail(row.pk)
    (letter,) = mail.outbox
    return letter


@pytest.fixture
def in_chinese(as_reader):
    """A reader who never chose a language, and reads the site in Chinese."""
    as_reader.cookies.load(CHINESE)
    return as_reader


def test_giver_and_recipient_are_written_to_in_the_language_it_was_bought_in(till, in_chinese, reader, year):
    gift = bought(till, in_chinese, reader, year)
    assert gift.language == "zh-hans"
    assert speaks_chinese(sent("gift_bought").subject)
    letter = sent("gift")
    assert letter.to == [FRIEND] and speaks_chinese(letter.subject)


def test_whoever_has_chosen_a_language_is_written_to_in_theirs(till, in_chinese, reader, year):
    reader.keep_language("en")
    make_user(FRIEND).keep_language("en")
    bought(till, in_chinese, reader, year)
    assert not speaks_chinese(sent("gift_bought").subject) and not speaks_chinese(sent("gift").subject)


def test_a_recipient_who_reads_in_another_language_than_the_giver_gets_theirs(till, as_reader, reader, year):
    make_user(FRIEND).keep_language("zh-hans")
    bought(till, as_reader, reader, year)
    assert speaks_chinese(sent("gift").subject) and not speaks_chinese(sent("gift_bought").subject)


def test_a_link_made_anew_by_an_event_keeps_the_language(till, in_chinese, reader, year):
    from billing.gifts import renew_link

    gift = bought(till, in_chinese, reader, year)
    renew_link(gift, recipient_email="other@example.com")
    Mail.objects.filter(key=f"gift:{gift.pk}:link:1").delete()
    assert speaks_chinese(sent("gift").subject)


def test_who_gives_money_is_thanked_in_the_language_of_the_page(till, in_chinese, reader):
    rules = ContributionSettings.load()
    rules.is_open = True
    rules.save()
    in_chinese.post("/support/", {"every": "once", "amount": "12"})
    till.stripe.complete_checkout(CheckoutAttempt.objects.get().stripe_session_id)
    till.deliver(till.stripe.events("checkout.session.completed")[-1])
    assert speaks_chinese(sent("contribution").subject)


def test_who_is_invited_without_an_account_is_written_to_as_the_owner_reads(till, in_chinese, reader):
    group = make_group(reader)
    in_chinese.post(f"/account/group/{group.pk}/invite/", {"addresses": "guest@example.com"})
    assert speaks_chinese(sent("group_invitation").subject)


def test_an_invitation_sent_by_the_worker_speaks_as_its_owner_does(db, reader):
    reader.keep_language("zh-hans")
    group = make_group(reader)
    invite(group, reader, ["guest@example.com"])
    assert speaks_chinese(sent("group_invitation").subject)
    send_again(group.invitations.get())
    assert set(Mail.objects.values_list("language", flat=True)) == {"zh-hans"}


# Accepted --------------------------------------------------------------------------------------------------------


def test_the_giver_hears_once_that_it_was_accepted_and_nothing_of_by_whom(till, in_chinese, reader, year, as_friend, friend):
    gift = bought(till, in_chinese, reader, year)
    as_friend.post(path_of(gift))
    as_friend.post(path_of(gift))
    letter = sent("gift_accepted")
    assert letter.to == [reader.email] and Mail.objects.filter(name="gift_accepted").count() == 1
    whole = letter.subject + letter.body + str(Mail.objects.get(name="gift_accepted").context)
    assert friend.email not in whole and friend.name not in whole and FRIEND not in whole
    assert Mail.objects.get(name="gift_accepted").language == "zh-hans"


def test_who_accepts_their_own_gift_knows(till, as_reader, reader, year):
    gift = bought(till, as_reader, reader, year)
    as_reader.post(path_of(gift))
    assert not Mail.objects.filter(name="gift_accepted").exists()


def test_a_gift_taken_back_before_the_mail_goes_out_is_not_told_of(till, as_reader, reader, year, as_friend):
    from billing.gifts import revoke

    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    revoke(gift)
    row = Mail.objects.get(name="gift_accepted")
    mail.outbox.clear()
    Mail.objects.filter(pk=row.pk).update(status="waiting")
    send_mail(row.pk)
    row.refresh_from_db()
    assert row.status == "dropped" and not mail.outbox
