from typing import Any

from django.db import migrations

KEPT = {"group_joined": ("member",), "group_heir": ("pk",), "group_invitation": ("invitation", "sent")}


def take_names_out(apps: Any, schema_editor: Any) -> None:
    """Leave in the rows of mails what they are about; names are looked up when one is sent."""
    mails = apps.get_model("billing", "Mail")
    for mail in mails.objects.filter(name__in=KEPT).iterator():
        # The key of this one is `group-joined:<member>:<moment>`.
        whole = mail.context | ({"member": int(mail.key.split(":")[1])} if mail.name == "group_joined" else {})
        mails.objects.filter(pk=mail.pk).update(context={name: whole[name] for name in KEPT[mail.name] if name in whole})


class Migration(migrations.Migration):
    dependencies = [("billing", "0021_languages_of_purchases")]

    operations = [migrations.RunPython(take_names_out, migrations.RunPython.noop, elidable=True)]
