"""In which language Stripe's pages speak to a reader: the one they read us in, where Stripe knows it."""

from django.utils.translation import get_language

# Those that Checkout and the Customer Portal speak.
LOCALES = (
    "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hr", "hu", "id", "it", "ja", "ko",
    "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
)  # fmt: skip
CHINESE = {"zh-hans": "zh", "zh-hant": "zh-TW"}


def stripe_locale() -> str:
    """Return the present language as Stripe writes it; `auto` leaves it to the reader's browser."""
    code = (get_language() or "").lower()
    known = {locale.lower(): locale for locale in LOCALES} | CHINESE
    return known.get(code) or known.get(code.partition("-")[0]) or "auto"
