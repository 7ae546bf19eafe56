"""Fill an empty site with a small magazine of another kind, without pictures or hanzi."""

from articles.models import Person
from magazine.models import Identity
from magazine.public_pages import forget_public_pages
from tests.factories import make_article, make_section

LONG_TITLE = (
    "How a Lock-Keeper on the Severn Became the Most Consulted Forecaster of Rain in Three Counties, and Why She Has Never Once "
    "Owned an Umbrella"
)
BODY = "".join(
    f"<p>{text}</p>"
    for text in (
        "The gauge at the upper gate is a plank with numbers on it. It was painted in 1974 and has been right ever since.",
        "Mrs Amphlett reads it at six, at noon and at ten, and writes what she reads in a ledger that nobody has asked her to keep.",
        "“Water doesn’t hurry,” she says. “It arrives.”",
    )
)


def fill() -> None:
    """Write the magazine: two sections, three articles, one of them premium."""
    identity = Identity.load()
    identity.name, identity.tagline, identity.accent = "The Weir", "Slow news from the river.", "#1f6f5c"
    identity.seal, identity.footer_sentence, identity.desk_email = "", "Nothing here was written in a hurry.", "desk@weir.example"
    identity.save()
    water = make_section("Water", slug="water", position=1, description="Levels, locks and what floats by.")
    towpath = make_section("Towpath", slug="towpath", position=2, description="Who walks here, and why.")
    author = Person.objects.create(name="Ruth Amphlett", slug="ruth-amphlett")
    common = {"by": (author,), "body": BODY}
    make_article(LONG_TITLE, slug="lock-keeper", section=water, standfirst="She reads a plank three times a day.", **common)
    make_article("Low Water", slug="low-water", section=water, standfirst="What a dry April uncovers.", access="premium", **common)
    make_article("The Dog That Counts Boats", slug="dog", section=towpath, standfirst="Up to four.", **common)
    forget_public_pages()
