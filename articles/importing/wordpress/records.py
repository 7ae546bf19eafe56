"""What an export says, field by field, before anything of it is judged."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

NO_SITE = "unknown"
# Keys are part of ids that fit into 255 characters.
MAX_KEY = 120


@dataclass(frozen=True, slots=True)
class Site:
    """The site that an export comes from."""

    address: str = ""
    other_addresses: tuple[str, ...] = ()
    language: str = ""
    exported_at: datetime | None = None

    @property
    def key(self) -> str:
        """Return the host and base path, which make the ids of its items unique among all imports."""
        parts = urlsplit(self.address)
        return (parts.netloc.lower() + self.base_path)[:MAX_KEY] or NO_SITE

    @property
    def base_path(self) -> str:
        """Return the path under which the site lived, without a slash at its end; mostly empty."""
        return urlsplit(self.address).path.rstrip("/")

    @property
    def hosts(self) -> frozenset[str]:
        """Return the hosts under which the site was known."""
        hosts = {(urlsplit(address).hostname or "").removeprefix("www.") for address in (self.address, *self.other_addresses)}
        return frozenset(host for host in hosts if host)


@dataclass(frozen=True, slots=True)
class Author:
    """A person who has an account at the site."""

    login: str
    name: str
    old_id: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A category, a tag or a word of another taxonomy."""

    taxonomy: str
    slug: str
    name: str
    parent: str = ""
    description: str = ""
    old_id: str = ""


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """A comment, pingback or trackback."""

    old_id: str
    parent: str
    author: str
    email: str
    url: str
    posted_at: datetime | None
    text: str
    state: str
    kind: str


@dataclass(slots=True)
class Item:
    """A post, page, attachment or anything else that WordPress keeps as a post."""

    post_id: str = ""
    post_type: str = ""
    status: str = ""
    title: str = ""
    link: str = ""
    guid: str = ""
    creator: str = ""
    content: str = ""
    excerpt: str = ""
    name: str = ""
    parent: str = ""
    has_password: bool = False
    is_sticky: bool = False
    attachment_url: str = ""
    posted_at: datetime | None = None
    terms: list[Term] = field(default_factory=list)
    meta: dict[str, list[str]] = field(default_factory=dict)
    comments: list[CommentRecord] = field(default_factory=list)
    is_complete: bool = True

    def meta_value(self, key: str) -> str:
        """Return the first value of a custom field; empty when there is none."""
        values = self.meta.get(key)
        return values[0].strip() if values else ""

    def terms_of(self, *taxonomies: str) -> list[Term]:
        """Return the item's terms of some taxonomies, in their order."""
        return [term for term in self.terms if term.taxonomy in taxonomies]
