"""Bring categories, tags and people over, with their old addresses."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from articles.importing.report import Report
from articles.importing.wordpress.addresses import canonical_path, term_slug
from articles.importing.wordpress.catalogue import Catalogue, Row
from articles.importing.wordpress.records import Author, Item, Site, Term
from articles.models import Person, Section, Tag
from articles.slugs import slug_for

CATCH_ALL = "uncategorized"
MAX_NAME = 80
MAX_PERSON_NAME = 120
# More sections than this in the navigation are no help to anybody; an editor can put others there.
SECTIONS_IN_NAVIGATION = 7
SKIPPED_TAXONOMIES = frozenset(
    {"post_format", "nav_menu", "link_category", "wp_theme", "wp_template_part_area", "wp_pattern_category", "author"}
)
GUEST_PREFIX = "cap-"


@dataclass(frozen=True, slots=True)
class OldAddress:
    """An old address of a list and where the list is now."""

    path: str
    target: str


class Terms:
    """The sections, tags and people of one site; made before its articles."""

    def __init__(self, catalogue: Catalogue, report: Report) -> None:
        self.catalogue = catalogue
        self.report = report

    # What the files say ----------------------------------------------------------------------------------------

    def note_term(self, site: Site, term: Term) -> None:
        """Keep a term of a file in mind."""
        slug = term_slug(term.slug or term.name)
        if slug and term.taxonomy and term.taxonomy not in SKIPPED_TAXONOMIES:
            self.catalogue.add(
                "terms",
                site=site.key,
                taxonomy=term.taxonomy,
                slug=slug,
                raw_slug=term.slug or slug,
                name=(term.name or term.slug)[:MAX_NAME],
                parent=term_slug(term.parent) if term.parent else "",
                description=term.description,
                old_id=term.old_id,
            )

    def note_author(self, site: Site, author: Author, *, rank: int = 0) -> None:
        """Keep a person in mind; what an account says (rank 0) counts more than a byline or a mere login."""
        login = login_key(author.login)
        if not login:
            return
        name = _public_name((author.name or author.login).strip(" <>"))
        if not self.catalogue.add("people", site=site.key, login=login, name=name, old_id=author.old_id, rank=rank):
            known = self.catalogue.get("people", site=site.key, login=login)
            if known is not None and known["rank"] > rank:
                self.catalogue.set(
                    "people", {"site": site.key, "login": login}, name=name, old_id=author.old_id or known["old_id"], rank=rank
                )

    def note_item(self, site: Site, item: Item) -> None:
        """Keep in mind what an article is filed under and who signed it."""
        is_public = item.status == "publish" and not item.has_password
        for term in item.terms:
            self.note_term(site, term)
            slug = term_slug(term.slug or term.name)
            if is_public and item.post_type == "post" and slug != CATCH_ALL:
                self.catalogue.set("terms", {"site": site.key, "taxonomy": term.taxonomy, "slug": slug}, uses=1)
        primary = self.primary_category(site, item)
        if primary and item.post_type == "post":
            key = {"site": site.key, "taxonomy": "category", "slug": primary}
            row = self.catalogue.get("terms", **key)
            if row is not None:
                self.catalogue.set("terms", key, is_section=row["is_section"] + 1)
        for term in item.terms_of("author"):
            self.note_author(site, Author(term.slug, term.name), rank=1)
        if item.creator:
            self.note_author(site, Author(item.creator, ""), rank=2)

    def primary_category(self, site: Site, item: Item) -> str:
        """Return the category that an article is filed under: the one chosen as primary, else the first that says something."""
        slugs = [slug for term in item.terms_of("category") if (slug := term_slug(term.slug or term.name))]
        chosen = item.meta_value("_yoast_wpseo_primary_category") or item.meta_value("rank_math_primary_category")
        if chosen:
            row = self.catalogue.get("terms", site=site.key, taxonomy="category", old_id=chosen)
            if row is not None and row["slug"] in slugs:
                return str(row["slug"])
        return next((slug for slug in slugs if slug != CATCH_ALL), slugs[0] if slugs else "")

    # What is made of it ------------------------------------------------------------------------------------------

    def settle(self, site: Site) -> list[OldAddress]:
        """Make the sections, tags and people that aren't there yet; return their old addresses that differ from the new."""
        rows = list(self.catalogue.rows("SELECT * FROM terms WHERE site = ? ORDER BY is_section DESC, slug", [site.key]))
        used = [row for row in rows if row["taxonomy"] == "category" and row["is_section"]]
        for row in used:
            self._section(site, row, set(), is_listed=row in used[:SECTIONS_IN_NAVIGATION])
        addresses = []
        for row in self.catalogue.rows("SELECT * FROM terms WHERE site = ?", [site.key]):
            if row["pk"] is None:
                self._tag(site, row)
        for row in self.catalogue.rows("SELECT * FROM terms WHERE site = ?", [site.key]):
            addresses += self._term_addresses(site, row)
        for row in self.catalogue.rows("SELECT * FROM people WHERE site = ?", [site.key]):
            addresses += self._person(site, row)
        return [old for old in addresses if old.path != old.target]

    def _section(self, site: Site, row: Row, seen: set[str], *, is_listed: bool) -> int:
        """Return the section of a category, made with those it lies within if need be."""
        current = self.catalogue.get("terms", site=site.key, taxonomy="category", slug=row["slug"])
        if current is not None and current["pk"] is not None:
            return int(current["pk"])
        seen.add(row["slug"])
        above = self.catalogue.get("terms", site=site.key, taxonomy="category", slug=row["parent"]) if row["parent"] else None
        parent = self._section(site, above, seen, is_listed=True) if above is not None and above["slug"] not in seen else None
        source_id = f"wp:{site.key}:category:{row['slug']}"
        section = Section.objects.filter(source_id=source_id).first() or Section.objects.filter(slug=row["slug"]).first()
        self.report.count("sections", "unchanged" if section else "created")
        if section is None:
            section = Section.objects.create(
                name=row["name"],
                slug=row["slug"],
                parent_id=parent,
                description=row["description"],
                is_in_navigation=is_listed and row["slug"] != CATCH_ALL,
                source_id=source_id,
            )
        key = {"site": site.key, "taxonomy": "category", "slug": row["slug"]}
        self.catalogue.set("terms", key, pk=section.pk, is_section=max(row["is_section"], 1), address=section.get_absolute_url())
        return int(section.pk)

    def _tag(self, site: Site, row: Row) -> int:
        """Return the tag of a term, made if need be; terms of one slug are one subject."""
        source_id = f"wp:{site.key}:tag:{row['slug']}"
        tag = Tag.objects.filter(source_id=source_id).first() or Tag.objects.filter(slug=row["slug"]).first()
        self.report.count("tags", "unchanged" if tag else "created")
        if tag is None:
            tag = Tag.objects.create(name=row["name"], slug=row["slug"], description=row["description"], source_id=source_id)
        key = {"site": site.key, "taxonomy": row["taxonomy"], "slug": row["slug"]}
        self.catalogue.set("terms", key, pk=tag.pk, address=tag.get_absolute_url())
        return int(tag.pk)

    def _term_addresses(self, site: Site, row: Row) -> list[OldAddress]:
        """Return the addresses that WordPress gave a category or tag."""
        base = site.base_path
        # A tag that nothing public has is no page; its old address leads to all articles, until somebody uses it.
        is_empty_tag = not row["is_section"] and not row["uses"]
        target = reverse("articles:archive") if is_empty_tag else row["address"]
        if row["taxonomy"] == "category":
            paths = [canonical_path(f"{base}/category/{row['raw_slug']}"), canonical_path(f"{base}/category/{self._full_slug(site, row)}")]
            paths += [f"{base}/?{urlencode({'cat': row['old_id']})}"] if row["old_id"] else []
        elif row["taxonomy"] == "post_tag":
            paths = [canonical_path(f"{base}/tag/{row['raw_slug']}"), f"{base}/?{urlencode({'tag': row['raw_slug']})}"]
        else:
            paths = [canonical_path(f"{base}/{row['taxonomy']}/{row['raw_slug']}")]
        return [OldAddress(path, target) for path in dict.fromkeys(paths)]

    def _full_slug(self, site: Site, row: Row) -> str:
        """Return a category's slug behind those of the categories it lies within."""
        slugs = [row["raw_slug"]]
        above = row
        while above["parent"] and len(slugs) < 10:
            found = self.catalogue.get("terms", site=site.key, taxonomy="category", slug=above["parent"])
            if found is None or found["raw_slug"] in slugs:
                break
            slugs.insert(0, found["raw_slug"])
            above = found
        return "/".join(slugs)

    def _person(self, site: Site, row: Row) -> list[OldAddress]:
        """Make a person if need be, and return the addresses of their page."""
        source_id = f"wp:{site.key}:author:{row['login']}"[:255]
        person = Person.objects.filter(source_id=source_id).first()
        self.report.count("people", "unchanged" if person else "created")
        if person is None:
            # A login may be an address that nobody wants to see in public.
            wish = row["name"] if "@" in row["login"] else row["login"]
            slug = slug_for(term_slug(wish) or row["name"], taken=lambda slug: Person.objects.filter(slug=slug).exists(), reserved=())
            person = Person.objects.create(name=row["name"], slug=slug, source_id=source_id)
        target = person.get_absolute_url()
        self.catalogue.set("people", {"site": site.key, "login": row["login"]}, pk=person.pk, address=target)
        nicename = term_slug(row["login"].replace("@", "").replace(".", "-"))
        paths = [canonical_path(f"{site.base_path}/author/{nicename}")] if nicename else []
        paths += [f"{site.base_path}/?{urlencode({'author': row['old_id']})}"] if row["old_id"] else []
        return [OldAddress(path, target) for path in paths]

    # What articles ask -------------------------------------------------------------------------------------------

    def section_of(self, site: Site, item: Item) -> int | None:
        """Return the section of an article."""
        primary = self.primary_category(site, item)
        row = self.catalogue.get("terms", site=site.key, taxonomy="category", slug=primary) if primary else None
        return row["pk"] if row is not None and row["is_section"] else None

    def tags_of(self, site: Site, item: Item) -> list[int]:
        """Return the tags of an article: its own, and the categories that its section doesn't say."""
        said = self._lineage(site, self.primary_category(site, item)) | {CATCH_ALL}
        tags: list[int] = []
        for term in item.terms:
            slug = term_slug(term.slug or term.name)
            row = self.catalogue.get("terms", site=site.key, taxonomy=term.taxonomy, slug=slug)
            if row is None or (term.taxonomy == "category" and slug in said):
                continue
            if row["taxonomy"] == "category" and row["is_section"]:
                row = self.catalogue.get("terms", site=site.key, taxonomy="post_tag", slug=slug) or self._as_tag(site, row)
            tags.append(row["pk"])
        return list(dict.fromkeys(tags))

    def _as_tag(self, site: Site, row: Row) -> Row:
        """Return a row for a category that is the section of some articles and must be a tag of others."""
        values = {name: row[name] for name in ("raw_slug", "name", "description")}
        self.catalogue.add("terms", site=site.key, taxonomy="post_tag", slug=row["slug"], parent="", old_id="", **values)
        added = self.catalogue.get("terms", site=site.key, taxonomy="post_tag", slug=row["slug"])
        assert added is not None  # noqa: S101 - for the type checker; it was added in the line above
        self._tag(site, added)
        return self.catalogue.get("terms", site=site.key, taxonomy="post_tag", slug=row["slug"]) or added

    def _lineage(self, site: Site, slug: str) -> set[str]:
        """Return a category and all it lies within."""
        found: set[str] = set()
        while slug and slug not in found:
            found.add(slug)
            row = self.catalogue.get("terms", site=site.key, taxonomy="category", slug=slug)
            slug = row["parent"] if row is not None else ""
        return found

    def authors_of(self, site: Site, item: Item) -> list[int]:
        """Return who signed an article: the byline where there is one, else whose account it was written with."""
        logins = [login_key(term.slug) for term in item.terms_of("author")] or [login_key(item.creator)]
        rows = [self.catalogue.get("people", site=site.key, login=login) for login in dict.fromkeys(logins) if login]
        return [row["pk"] for row in rows if row is not None and row["pk"] is not None]


def login_key(login: str) -> str:
    """Return a login as people are told apart by it."""
    return login.strip(" <>\"'").lower().removeprefix(GUEST_PREFIX)[:150]


def _public_name(name: str) -> str:
    """Return a name that may be shown: never an email address."""
    return (name.partition("@")[0] if "@" in name else name)[:MAX_PERSON_NAME] or "?"
