"""Pictures."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget

from articles.images import clean_picture, store_image
from articles.models import Image


class NewImageForm(forms.ModelForm):
    """A picture to upload; the file is read and cleaned before anything is kept."""

    # Not Django's ImageField: its check opens formats that we refuse.
    file = forms.FileField(
        label=_("file"), widget=UnfoldAdminFileFieldWidget, help_text=_("JPEG, PNG, WebP, GIF or AVIF, up to 50 megapixels.")
    )

    class Meta:
        model = Image
        fields = ("file", "title", "alt", "caption", "credit", "focal_x", "focal_y")

    def clean_file(self) -> Any:
        """Return the file if it is a picture that we take."""
        file = self.cleaned_data["file"]
        content = file.read()
        try:
            clean_picture(content)
        finally:
            file.seek(0)
        return file

    def _post_clean(self) -> None:
        """Leave the file to `store_image`; the model would keep it as it came."""
        file = self.cleaned_data.pop("file", None)
        super()._post_clean()  # type: ignore[misc]
        if file is not None:
            self.cleaned_data["file"] = file

    def _get_validation_exclusions(self) -> set[str]:
        """Leave the file out of the model's own checks too."""
        return {*super()._get_validation_exclusions(), "file"}  # type: ignore[misc]

    def save(self, commit: bool = True) -> Image:
        """Store the picture, or find the same one that is already there."""
        fields = {name: value for name, value in self.cleaned_data.items() if name != "file"}
        self.instance = store_image(self.cleaned_data["file"], **fields)
        self.save_m2m = lambda: None  # type: ignore[method-assign]
        return self.instance


@admin.register(Image)
class ImageAdmin(ModelAdmin):
    """Pictures: upload, describe, set the focal point."""

    list_display = ("thumbnail", "title_or_name", "credit", "size", "has_alt", "uploaded_at")
    list_display_links = ("thumbnail", "title_or_name")
    search_fields = ("title", "alt", "caption", "credit", "file")
    date_hierarchy = "uploaded_at"
    fields = ("preview", "title", "alt", "caption", "credit", ("focal_x", "focal_y"), "size", "code")
    readonly_fields = ("preview", "size", "code")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        """Return pictures with their renditions."""
        return super().get_queryset(request).prefetch_related("renditions")

    def get_form(self, request: HttpRequest, obj: Image | None = None, change: bool = False, **kwargs: Any) -> type[forms.ModelForm]:
        """Return the form for an upload, or for the words about a picture."""
        if obj is None:
            return NewImageForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        """Return what is asked of a new picture, or of one that is there."""
        return NewImageForm.Meta.fields if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        """Return what is only shown."""
        return () if obj is None else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Image, form: forms.ModelForm, change: bool) -> None:
        """Save the words; the file of a new picture is stored already."""
        if change:
            super().save_model(request, obj, form, change)

    @display(description="")
    def thumbnail(self, image: Image) -> SafeString:
        """Return a small picture."""
        return format_html('<img src="{}" alt="" loading="lazy" style="inline-size:6rem;aspect-ratio:8/5;object-fit:cover">', image.src)

    @display(description=_("picture"))
    def preview(self, image: Image) -> SafeString:
        """Return the picture."""
        return format_html('<img src="{}" alt="{}" style="max-inline-size:min(40rem,100%)">', image.src, image.alt)

    @display(description=_("title"), ordering="title")
    def title_or_name(self, image: Image) -> str:
        """Return the title, else the name of the file."""
        return str(image)

    @display(description=_("size"), ordering="width")
    def size(self, image: Image) -> str:
        """Return width and height in pixels."""
        return f"{image.width} × {image.height}"

    @display(description=_("described"), boolean=True)
    def has_alt(self, image: Image) -> bool:
        """Say whether somebody wrote what is to be seen."""
        return bool(image.alt)

    @display(description=_("in a text"))
    def code(self, image: Image) -> SafeString:
        """Return the HTML that puts the picture into a body."""
        return format_html("<code>{}</code>", f'<figure><img data-image="{image.pk}" alt=""><figcaption></figcaption></figure>')
