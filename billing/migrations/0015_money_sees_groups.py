"""Let the group of money see who reads by whose subscription."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MODELS = ("group", "membership", "invitation")


def let_money_see_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the permissions, and make them first, because Django makes them only after all migrations have run."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    group = apps.get_model("auth", "Group").objects.filter(name="Money").first()
    for model in MODELS if group else ():
        content_type, _ = content_types.get_or_create(app_label="billing", model=model)
        name = f"Can view {apps.get_model('billing', model)._meta.verbose_name}"
        permission, _ = permissions.get_or_create(content_type=content_type, codename=f"view_{model}", defaults={"name": name})
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("billing", "0014_price_moves_and_students")]

    operations = [migrations.RunPython(let_money_see_groups, migrations.RunPython.noop)]
