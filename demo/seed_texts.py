"""Made-up texts for load tests: of the lengths and the mix of scripts that a magazine prints, and always the same for one seed."""

from dataclasses import dataclass
from random import Random
from typing import Any

from articles.body.languages import mark_text
from articles.body.sanitising import sanitise
from articles.deriving import derive
from articles.models import Article
from articles.models.article import DERIVED_FIELDS
from articles.search.text import expand

WHO = [
    "The baker",
    "A neighbour",
    "The night guard",
    "My aunt",
    "Nobody here",
    "The landlord",
    "A courier",
    "The class of 1998",
    "Whoever rang",
    "The choir",
]
DOES = ["counts", "remembers", "repairs", "sells", "photographs", "describes", "inherits", "forgets", "carries", "weighs"]
WHAT = [
    "the stairs",
    "a bag of oranges",
    "the old timetable",
    "every window",
    "a borrowed umbrella",
    "the last bus",
    "two receipts",
    "the courtyard",
]
WHEN = [
    "before breakfast",
    "on the third floor",
    "in the rain",
    "for a small fee",
    "without a word",
    "since the flood",
    "at the market",
    "twice a year",
]
HAN = [
    "楼下的早餐铺六点开门。",
    "他说今天先不加班。",
    "雨停了,猫还在屋檐下。",
    "这条街上没有人叫不出她的名字。",
    "火锅店换了老板,味道没变。",
]
TERMS = ["搭子", "内卷", "烟火气", "打工人", "松弛感", "电子榨菜"]
SAID = [
    "I read this twice on the way home.",
    "My grandmother said the same, in other words.",
    "写得真好。",
    "Is there a map?",
    "Thank you for the footnote.",
]
# Words of a text; short daily posts stand beside long pieces.
LENGTHS = (90, 180, 350, 350, 700, 1230)
VARIANTS = 3
PARAGRAPH_WORDS = 70


@dataclass(frozen=True, slots=True)
class SeedText:
    """A text with everything that `articles.deriving` makes of it."""

    body: str
    derived: dict[str, Any]
    indexed: str
    indexed_preview: str


def make_texts(random: Random) -> list[SeedText]:
    """Make the texts that all seeded articles share, so that each is derived and expanded once."""
    return [make_text(random, words) for words in LENGTHS for _ in range(VARIANTS)]


def make_text(random: Random, words: int) -> SeedText:
    """Make one text of about this many words."""
    body = sanitise("".join(f"<p>{paragraph(random)}</p>" for _ in range(max(1, words // PARAGRAPH_WORDS))))
    article = Article(title="", slug="seed", body=body)
    derive(article)
    derived = {name: getattr(article, name) for name in DERIVED_FIELDS}
    return SeedText(body, derived, expand(article.text), expand(article.preview_text))


def paragraph(random: Random) -> str:
    """Make a paragraph, now and then with a sentence of Chinese."""
    sentences = [sentence(random) for _ in range(PARAGRAPH_WORDS // 9)]
    if random.random() < 0.3:
        sentences.insert(random.randrange(len(sentences)), random.choice(HAN))
    return " ".join(sentences)


def sentence(random: Random) -> str:
    """Make a sentence of about nine words."""
    return f"{random.choice(WHO)} {random.choice(DOES)} {random.choice(WHAT)} {random.choice(WHEN)}."


def headline(random: Random, number: int) -> str:
    """Make a headline that no other article has."""
    if random.random() < 0.2:
        return f"{random.choice(TERMS)}: {random.choice(WHO).lower()} and {random.choice(WHAT)}, no. {number}"
    return f"{random.choice(WHO)} {random.choice(DOES)} {random.choice(WHAT)}, no. {number}"


def marked(text: str) -> str:
    """Return a line as readers get it."""
    return mark_text(text, language="en")
