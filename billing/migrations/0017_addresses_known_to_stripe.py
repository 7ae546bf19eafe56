from typing import Any

from django.conf import settings
from django.db import migrations, models


def note_known_addresses(apps: Any, schema_editor: Any) -> None:
    """Take it that Stripe knows the addresses of today; without this every customer would be told once."""
    address = apps.get_model("accounts", "User").objects.filter(pk=models.OuterRef("user")).values("email")[:1]
    apps.get_model("billing", "Customer").objects.exclude(stripe_id=None).update(known_email=models.Subquery(address))


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("billing", "0016_money_sees_selling"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="known_email",
            field=models.EmailField(blank=True, editable=False, max_length=254),
        ),
        migrations.RunPython(note_known_addresses, migrations.RunPython.noop),
    ]
