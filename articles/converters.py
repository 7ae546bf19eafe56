"""Parts of addresses."""

from django.urls import register_converter


class UnicodeSlugConverter:
    """A slug in any script, as `SlugField(allow_unicode=True)` stores it."""

    regex = r"[-\w]+"

    def to_python(self, value: str) -> str:
        """Return the slug of an address."""
        return value

    def to_url(self, value: str) -> str:
        """Return a slug for an address."""
        return value


register_converter(UnicodeSlugConverter, "uslug")
