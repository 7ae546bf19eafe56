"""Words that no stranger may see, planted in everything that isn't open, and the ways in which strangers ask for it."""

import re
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from articles.models import Article, FrontSlot, Image, Institution, InstitutionNetwork, Redirect, Series, SeriesEntry
from articles.models.access_levels import Access
from articles.search.index import index_articles
from comments.models import Comment
from newsletters.models import Issue, Newsletter
from newsletters.rendering import render_issue
from tests.factories import make_article, make_person, make_section, make_tag

# Every sentinel begins with this, and nothing else does.
MARK = "zqsentinel"
GATED = (Access.REGISTERED, Access.METERED, Access.PREMIUM)
WITHHELD = tuple(status for status in Article.Status if status != Article.Status.PUBLISHED)
PLACES = (
    "heading",
    "paragraph",
    "link",
    "footnote",
    "alt",
    "caption",
    "credit",
    "quote",
    "speaker",
    "item",
    "cell",
    "gloss",
    "margin",
    "audio",
    "last",
)
BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "facebookexternalhit/1.1",
    "Twitterbot/1.0",
    "Google-InspectionTool/1.0",
)
# Whoever asks from here reads everything; nobody who only says so.
READING_ROOM = "198.18.0.9"
# Alone where a header may cut the answer short; the others together, for each is heeded or it isn't.
HEADERS = [
    {"Range": "bytes=0-999999"},
    {"If-None-Match": '"x", *'},
    {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    {"HX-Request": "true"},
    {"HX-Request": "true", "HX-Boosted": "true", "HX-History-Restore-Request": "true"},
    {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest", "Referer": "https://www.google.com/", "User-Agent": BOTS[0]},
    {"Accept": "text/plain", "Sec-Purpose": "prefetch;prerender", "User-Agent": BOTS[1]},
    dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP"), READING_ROOM)
    | {"User-Agent": BOTS[2]},
    {"Forwarded": f"for={READING_ROOM}", "X-Forwarded-For": f"{READING_ROOM}, 127.0.0.1", "User-Agent": BOTS[3]},
    {"X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/", "User-Agent": BOTS[4]},
]
QUERIES = (
    "print=1&as=subscriber&full=1",
    "amp=1&shown=full&preview=true",
    "format=json&utm_source=x&replytocom=1",
    "preview=1&p=1",
    "page=1",
)
SUFFIXES = (".json", ".md", ".txt", ".xml", ".html", "/amp/", "/feed/", "/print/", "/embed/", "//", "/?", "/index.html", "/rss/")


def sentinel(kind: str, place: str) -> str:
    return f"{MARK}{kind}{place}".replace("_", "")


def paid_body(kind: str) -> str:
    image_id = Image.objects.get_or_create(file="originals/lift.jpg", width=2000, height=1000)[0].pk
    word = {place: sentinel(kind, place) for place in PLACES}
    return (
        "<p>The open beginning.</p><hr class='paywall-divider'>"
        f"<h2>{word['heading']}</h2><p>{word['paragraph']} <a href='https://example.org/{word['link']}'>there</a>"
        f"<span class='footnote'>{word['footnote']}</span></p>"
        f"<figure><img data-image='{image_id}' src='/media/x.jpg' alt='{word['alt']}'>"
        f"<figcaption>{word['caption']}<span class='credit'>{word['credit']}</span></figcaption></figure>"
        f"<figure class='pull'><blockquote><p>{word['quote']}</p></blockquote><figcaption>{word['speaker']}</figcaption></figure>"
        f"<ul><li>{word['item']}</li></ul><table><tbody><tr><td>{word['cell']}</td></tr></tbody></table>"
        f"<p><span class='term' data-pinyin='wùyè' data-gloss='{word['gloss']}'>物业</span></p>"
        f"<aside class='gloss' data-pinyin='yèzhǔ'><b>业主</b>{word['margin']}</aside>"
        f"<figure class='audio'><audio controls src='/media/{word['audio']}.mp3'></audio></figure>"
        f"<p>{word['last']}</p>"
    )


def plant_magazine() -> dict[str, Article]:
    """Make a magazine in which every list holds a gated and a withheld article; return the gated ones by level."""
    street, food, ana = make_section("Street", slug="street"), make_tag("Food", slug="food"), make_person("Ana Alder", slug="ana")
    chapter = Series.objects.create(title="Chapter", slug="chapter")
    moment = datetime(2026, 5, 20, tzinfo=UTC)
    common = {"section": street, "tags": (food,), "by": (ana,)}
    gated = {}
    for number, access in enumerate(GATED):
        slug = "gated" if access == Access.PREMIUM else f"gated-{access}"
        gated[access] = make_article(
            f"The {access} wall",
            slug=slug,
            standfirst="",
            body=paid_body(access),
            access=access,
            published_at=moment + timedelta(days=number),
            **common,
        )
        Redirect.objects.create(old_path=f"/once-{slug}/", article=gated[access])
    for status in WITHHELD:
        hidden = {
            field: sentinel(status, field.replace("_", ""))
            for field in ("title", "standfirst", "lead_caption", "lead_alt", "seo_description")
        }
        slug = "withheld" if status == Article.Status.DRAFT else f"withheld-{status.replace('_', '-')}"
        withheld = make_article(
            slug=slug, body=f"<p>{sentinel(status, 'body')}</p>", status=status, published_at=moment, **hidden, **common
        )
        SeriesEntry.objects.create(series=chapter, article=withheld)
        FrontSlot.objects.create(article=withheld)
        Redirect.objects.create(old_path=f"/once-{slug}/", article=withheld)
    make_article("Tomorrow", standfirst=sentinel("tomorrow", "standfirst"), published_at=timezone.now() + timedelta(days=1), **common)
    asides = "".join(f"<aside class='also' data-article='{article.slug}'></aside>" for article in Article.objects.all())
    make_article("Pointing", slug="pointing", body=f"<p>Read these.</p>{asides}<p>And these.</p>", published_at=moment, **common)
    for article in gated.values():
        SeriesEntry.objects.create(series=chapter, article=article)
        FrontSlot.objects.create(article=article)
    Article.objects.update(popularity=5)
    index_articles(Article.objects.prefetch_related("credits__person", "tags"))
    library = Institution.objects.create(name="The Library")
    InstitutionNetwork.objects.create(institution=library, network=f"{READING_ROOM}/32")
    plant_revision(moment)
    plant_comments(gated[Access.PREMIUM], Article.objects.get(slug="withheld"))
    plant_letters()
    return gated


def plant_revision(moment: datetime) -> None:
    """Make a free article that said something else before."""
    revised = make_article("Revised", slug="revised", body=f"<p>{sentinel('revision', 'body')}</p>", published_at=moment)
    revised.body = "<p>What it says now.</p>"
    revised.save()


def plant_comments(gated: Article, withheld: Article) -> None:
    """Have comments made that nobody may read, and one that anybody may; nobody may see who wrote it."""
    open_status = Comment.Status.PUBLISHED
    for status in Comment.Status:
        body = "Read by all." if status == open_status else sentinel(f"{status}comment", "body")
        Comment.objects.create(article=gated, name="Wen", email=f"{sentinel('comment', 'email')}@example.com", body=body, status=status)
    Comment.objects.create(article=withheld, name="Wen", body=sentinel("withheld", "comment"), status=open_status)


def plant_letters() -> None:
    """Make a subscribers' letter with an issue that was sent and one that wasn't."""
    letter = Newsletter.objects.create(name="Letter", slug="letter", audience=Newsletter.Audience.SUBSCRIBERS)
    for slug, status in (("sent", Issue.Status.SENT), ("unsent", Issue.Status.DRAFT)):
        subject = "The sent issue" if slug == "sent" else sentinel("unsent", "subject")
        issue = Issue(newsletter=letter, subject=subject, slug=slug, status=status, body=paid_body("issue"), sent_at=timezone.now())
        render_issue(issue)
        issue.save()


def leak_in(text: str, kinds: str = "") -> str | None:
    """Return the first sentinel that stands in a text, of some kinds only if told (a regular expression)."""
    found = re.search(f"{MARK}(?:{kinds})\\w*", text.lower())
    return found.group() if found else None
