"""The magazine's identity in the newsroom."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminColorInputWidget

from magazine.models import Identity, SocialLink
from magazine.one_row_admin import OneRowAdmin
from magazine.theme import DARK_GROUNDS, LIGHT_GROUNDS, palette_for


class SocialLinkInline(TabularInline):
    """The magazine's addresses elsewhere, in the footer."""

    model = SocialLink
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True


@admin.register(Identity)
class IdentityAdmin(OneRowAdmin):
    """Site settings: one page, no list."""

    inlines = (SocialLinkInline,)
    readonly_fields = ("colours",)
    fieldsets = (
        (_("Name"), {"fields": ("name", "seal", "logo", "tagline", "description")}),
        (_("Look"), {"fields": ("accent", "colours", "shows_lunar_date")}),
        (_("Footer"), {"fields": ("footer_sentence", "imprint", "rights", "desk_email")}),
        (_("Appeals"), {"fields": ("appeal",)}),
    )

    def formfield_for_dbfield(self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Choose the accent from a palette."""
        if db_field.name == "accent":
            kwargs["widget"] = UnfoldAdminColorInputWidget()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("what becomes of it"))
    def colours(self, identity: Identity) -> SafeString:
        """Show the shades computed from the accent, each on the ground where it stands."""
        palette = palette_for(identity.accent)
        shades = [
            (LIGHT_GROUNDS[0], palette.text_light, _("Text by day")),
            (DARK_GROUNDS[0], palette.text_dark, _("Text by night")),
            (palette.fill, palette.on_fill, _("Buttons and seal")),
        ]
        samples = format_html_join(" ", '<span style="background:{};color:{};padding:.5em 1em;display:inline-block">{}</span>', shades)
        note = _("Computed so that everything stays readable. Save to see the shades of a new colour.")
        return format_html('<div>{}</div><p class="mt-2">{}</p>', samples, note)
