"""What people of a group do in the tests."""

from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from billing.entitlements import entitlement_of


def seated(user):
    client = Client()
    client.force_login(user)
    return client


def reads(user):
    return entitlement_of(user).opens_everything


def do(client, name, /, *args, **data):
    return client.post(reverse(f"billing:{name}", args=args), data)


def page_of(client, group):
    return client.get(reverse("billing:group", args=[group.pk]))


def path_of(token):
    return reverse("billing:group_door", args=[token])


def proved(user, address):
    EmailAddress.objects.create(user=user, email=address, verified=True)
    return user
