"""Put the front page together: what the editor placed, and the newest where places are free."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef
from django.utils import timezone

from articles.models import Article, FrontSlot, Section
from articles.nested import ListOf, listed
from articles.paging import cards_in_order

SECOND_RANK = 5
LATEST = 6
POPULAR = 5
LIVE_HOURS = 24
SECTION_SIZES = {Section.FrontStyle.CARDS: 4, Section.FrontStyle.HEADWORDS: 3, Section.FrontStyle.LIST: 6}
SECTION_CARDS_IN_A_ROW = 3
NEWEST = 1 + SECOND_RANK + LATEST
# Enough of a section's newest for its block, even if all that stands further up is of this section.
SECTION_DEPTH = NEWEST + max(SECTION_SIZES.values())


@dataclass(slots=True)
class SectionBlock:
    """A section on the front page, with its newest articles that stand nowhere else."""

    section: Section
    articles: list[Article]
    # Every second block of cards is a row of equals instead of one before three.
    is_row: bool = False


@dataclass(slots=True)
class Front:
    """Everything on the front page; no article twice."""

    live: Article | None = None
    lead: Article | None = None
    also: list[Article] = field(default_factory=list)
    second: list[Article] = field(default_factory=list)
    latest: list[Article] = field(default_factory=list)
    sections: list[SectionBlock] = field(default_factory=list)
    popular: list[Article] = field(default_factory=list)

    @property
    def second_columns(self) -> list[list[Article]]:
        """Return the second rank in columns; of five, two share one, those without pictures first."""
        if len(self.second) < SECOND_RANK:
            return [[article] for article in self.second]
        pair = sorted(self.second, key=lambda article: article.lead_image is not None)[:2]
        columns = [[article] for article in self.second if article not in pair]
        return [*columns[:1], pair, *columns[1:]]


@dataclass(slots=True)
class Places:
    """The ids of what stands where, before anything is loaded."""

    live: int | None = None
    lead: int | None = None
    also: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)
    latest: list[int] = field(default_factory=list)
    popular: list[int] = field(default_factory=list)
    sections: list[tuple[Section, list[int]]] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)

    def take(self, candidates: Iterable[int], limit: int) -> list[int]:
        """Take the first candidates that stand nowhere yet."""
        chosen: list[int] = []
        for pk in candidates:
            if len(chosen) == limit:
                break
            if pk not in self.taken:
                self.taken.add(pk)
                chosen.append(pk)
        return chosen

    def __iter__(self) -> Iterator[int]:
        yield from self.taken


def load_front() -> Front:
    """Load the front page in seven queries, for any number of articles and sections."""
    places = plan()
    cards = {article.pk: article for article in cards_in_order(list(places))}

    def shown(ids: Iterable[int]) -> list[Article]:
        return [cards[pk] for pk in ids if pk in cards]

    return Front(
        live=cards.get(places.live) if places.live else None,
        lead=cards.get(places.lead) if places.lead else None,
        also=shown(places.also),
        second=shown(places.second),
        latest=shown(places.latest),
        sections=section_blocks((section, shown(ids)) for section, ids in places.sections),
        popular=shown(places.popular),
    )


def plan() -> Places:
    """Decide what stands where: live, lead, under it, second rank, latest, sections, popular, each from what is left."""
    readable = Article.objects.published().in_the_flow()
    slots = placed_by_editors()
    places = Places()
    edited = {pk for ids in slots.values() for pk in ids}
    live_since = timezone.now() - timedelta(hours=LIVE_HOURS)
    live = readable.filter(kind=Article.Kind.LIVE, published_at__gte=live_since).newest_first().values_list("pk", flat=True).first()
    if live is not None and live not in edited:
        places.live = next(iter(places.take([live], 1)))
    newest = list(readable.newest_first().values_list("pk", flat=True)[: NEWEST + len(edited) + 1])
    # What an editor placed keeps its place, even if it is the newest of all.
    free = [pk for pk in newest if pk not in edited]
    lead = places.take([*slots[FrontSlot.Rank.LEAD], *free], 1)
    places.lead = lead[0] if lead else None
    places.also = places.take(slots[FrontSlot.Rank.ALSO], len(slots[FrontSlot.Rank.ALSO]))
    places.second = places.take([*slots[FrontSlot.Rank.SECOND], *free], SECOND_RANK)
    places.latest = places.take(newest, LATEST)
    places.sections = [
        (section, places.take(ids, SECTION_SIZES[Section.FrontStyle(section.front_style)])) for section, ids in newest_of_sections()
    ]
    # The most read of all may already stand above; then the next in line stands here.
    most_read = readable.most_read().values_list("pk", flat=True)[: POPULAR + len(places.taken)]
    places.popular = places.take(most_read, POPULAR)
    return places


def placed_by_editors() -> dict[str, list[int]]:
    """Return the ids of published articles in the front page's slots, by rank and in order."""
    slots: dict[str, list[int]] = {rank: [] for rank in FrontSlot.Rank.values}
    # By the predicate, because the slots are few and the published articles many.
    placed = FrontSlot.objects.select_related("article").only("rank", "article__status", "article__published_at")
    for slot in placed.order_by("position", "pk"):
        if slot.article.is_published:
            slots[slot.rank].append(slot.article_id)
    return slots


def newest_of_sections() -> list[tuple[Section, list[int]]]:
    """Return the sections of the front page with the ids of the newest articles in them and below them, in one query.

    Each section is a range of the index (section, status, published), so that the cost doesn't grow with the archive.
    """
    newest = Article.objects.published().in_the_flow().filter(section=OuterRef("pk")).newest_first()
    ids, dates = newest.values(listed=F("pk"))[:SECTION_DEPTH], newest.values(listed=F("published_at"))[:SECTION_DEPTH]
    every = {section.pk: section for section in Section.objects.annotate(newest_ids=ListOf(ids), newest_dates=ListOf(dates))}
    families: dict[int, list[tuple[Any, int]]] = {pk: [] for pk in every}
    for section in every.values():
        dated = zip(listed(section.newest_dates), listed(section.newest_ids), strict=True)
        families[top_of(section, every).pk].extend(dated)
    return [
        (section, [pk for _date, pk in sorted(families[section.pk], reverse=True)])
        for section in every.values()
        if section.parent_id is None and section.front_style != Section.FrontStyle.NONE
    ]


def top_of(section: Section, every: Mapping[int, Section]) -> Section:
    """Return the top section above one; a section itself where its parents form a circle."""
    seen = {section.pk}
    top = section
    while top.parent_id is not None and top.parent_id not in seen:
        top = every[top.parent_id]
        seen.add(top.pk)
    return top


def section_blocks(filled: Iterable[tuple[Section, list[Article]]]) -> list[SectionBlock]:
    """Return the blocks that have something to show, blocks of cards in turns."""
    blocks: list[SectionBlock] = []
    is_row = False
    for section, articles in filled:
        if not articles:
            continue
        block = SectionBlock(section, articles)
        if section.front_style == Section.FrontStyle.CARDS:
            block.is_row, is_row = is_row, not is_row
            if block.is_row:
                block.articles = articles[:SECTION_CARDS_IN_A_ROW]
        blocks.append(block)
    return blocks
