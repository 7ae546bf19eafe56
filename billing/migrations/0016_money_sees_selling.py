"""Let the group of money see why readers leave and what they are moved to, and decide who studies."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RIGHTS = {
    "cancellation": ("view",),
    "pricemigration": ("view",),
    "pricemove": ("view",),
    "sellingrules": ("view",),
    "studentproof": ("change", "view"),
}


def let_money_see_selling(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the permissions, and make them first, because Django makes them only after all migrations have run."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    group = apps.get_model("auth", "Group").objects.filter(name="Money").first()
    for model, actions in RIGHTS.items() if group else ():
        content_type, _ = content_types.get_or_create(app_label="billing", model=model)
        for action in actions:
            name = f"Can {action} {apps.get_model('billing', model)._meta.verbose_name}"
            permission, _ = permissions.get_or_create(content_type=content_type, codename=f"{action}_{model}", defaults={"name": name})
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("billing", "0015_money_sees_groups")]

    operations = [migrations.RunPython(let_money_see_selling, migrations.RunPython.noop)]
