"""Files of articles in the newsroom."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from articles.models import File

MAX_BYTES = 50 * 1024 * 1024


class FileForm(forms.ModelForm):
    """A file to upload."""

    class Meta:
        model = File
        fields = ("article", "file")

    def clean_file(self) -> UploadedFile:
        """Return the file unless it is too large."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > MAX_BYTES:
            raise ValidationError(_("This file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2})
        return file


@admin.register(File)
class FileAdmin(ModelAdmin):
    """Files: upload one, and link its address in the text."""

    form = FileForm
    list_display = ("name", "article", "uploaded_at")
    list_select_related = ("article",)
    search_fields = ("file", "article__title")
    autocomplete_fields = ("article",)

    def get_fields(self, request: HttpRequest, obj: File | None = None) -> tuple[str, ...]:
        """Return what is asked for a new one, and what is told of one that is there."""
        return ("article", "file") if obj is None else ("article", "name", "address")

    def get_readonly_fields(self, request: HttpRequest, obj: File | None = None) -> tuple[str, ...]:
        """Let a file that is linked stay what it is: another one has another address."""
        return () if obj is None else ("article", "name", "address")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[File]) -> None:
        """Delete one by one, so that what is kept goes too."""
        for file in queryset:
            file.delete()

    @admin.display(description=_("address to link in the text"))
    def address(self, file: File) -> str:
        """Return the address."""
        return file.get_absolute_url()
