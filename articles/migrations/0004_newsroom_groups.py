"""The groups of the newsroom, and the permissions that tell them apart."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PUBLISHING = {"publish_article": "Can publish every article", "publish_own_article": "Can publish their own articles"}
ALL = ("add", "change", "delete", "view")
CONTRIBUTOR = {
    "article": ("add", "change", "view"),
    "credit": ("add", "change", "delete", "view"),
    "image": ("add", "change", "view"),
    "person": ("view",),
    "section": ("view",),
    "series": ("view",),
    "tag": ("view",),
}
AUTHOR = CONTRIBUTOR | {"article": (*CONTRIBUTOR["article"], "publish_own"), "tag": ("add", "view"), "seriesentry": ALL}
EDITOR = {
    "article": (*ALL, "publish"),
    "historicalarticle": ("view",),
    **dict.fromkeys(["credit", "frontslot", "image", "person", "redirect", "section", "series", "seriesentry", "tag"], ALL),
}
GROUPS = {"Contributors": CONTRIBUTOR, "Authors": AUTHOR, "Editors": EDITOR}


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the groups; the permissions too, because Django makes them only after all migrations have run."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for name, rights in GROUPS.items():
        group, is_new = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        if not is_new:
            continue
        for model, actions in rights.items():
            content_type, _ = content_types.get_or_create(app_label="articles", model=model)
            for action in actions:
                codename = f"{action}_{model}"
                wording = PUBLISHING.get(codename) or f"Can {action} {apps.get_model('articles', model)._meta.verbose_name}"
                permission, _ = permissions.get_or_create(content_type=content_type, codename=codename, defaults={"name": wording[:255]})
                group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0003_remember_imports"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="article",
            options={
                "ordering": ["-published_at", "-pk"],
                "permissions": [
                    ("publish_article", "Can publish every article"),
                    ("publish_own_article", "Can publish their own articles"),
                ],
                "verbose_name": "article",
                "verbose_name_plural": "articles",
            },
        ),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
    ]
