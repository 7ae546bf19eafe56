"""The group that looks after money."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

READ = ("view",)
MONEY = {
    "checkoutattempt": READ,
    "customer": ("change", "view"),
    "doublesubscription": ("change", "view"),
    "grant": ("add", "change", "delete", "view"),
    "mail": READ,
    "payment": ("refund", "view"),
    "plan": READ,
    "price": READ,
    "reconciliation": ("change", "view"),
    "subscription": READ,
    "term": READ,
    "webhookevent": ("change", "view"),
}


def make_group(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the group; the permissions too, because Django makes them only after all migrations have run."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    group, is_new = apps.get_model("auth", "Group").objects.get_or_create(name="Money")
    if not is_new:
        return
    for model, actions in MONEY.items():
        content_type, _ = content_types.get_or_create(app_label="billing", model=model)
        for action in actions:
            name = "Can refund payments" if action == "refund" else f"Can {action} {apps.get_model('billing', model)._meta.verbose_name}"
            codename = f"{action}_{model}"
            permission, _ = permissions.get_or_create(content_type=content_type, codename=codename, defaults={"name": name[:255]})
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("billing", "0007_changing_and_leaving"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_group, migrations.RunPython.noop)]
