import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from articles.body.embeds import find_embed, frame_sources
from articles.body.rendering import RenderedBody, render_body
from articles.body.resolver import Appeal, Button, ResolvedCard, ResolvedImage
from tests.articles.test_body_sanitising import SOUP

LONG = "<p>" + "word " * 60 + "</p>"


class Shelf:
    """A resolver with one picture, one article and an appeal."""

    def image(self, id: int) -> ResolvedImage | None:
        return ResolvedImage("/m/800.webp", "/m/800.webp 800w, /m/1600.webp 1600w", 1600, 1000, "A tower") if id == 7 else None

    def article(self, slug: str) -> ResolvedCard | None:
        return ResolvedCard("/rider/", "Thirty 外卖 Things", self.image(7)) if slug == "rider" else None

    def appeal(self) -> Appeal | None:
        return Appeal("Nobody owns this.", (Button("Subscribe", "/subscribe/"), Button("or give once", "/support/")), "楼下")


class Checker(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.open: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.ids += [named["id"]] if "id" in named else []
        self.targets += [named["href"][1:]] if named.get("href", "").startswith("#") else []
        if tag not in {"br", "hr", "img"}:
            assert not (tag in {"a", "button"} and {"a", "button"}.intersection(self.open)), "a link in a link"
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def render(source: str, language: str = "en", prefix: str = "") -> RenderedBody:
    return render_body(source, language=language, resolver=Shelf(), id_prefix=prefix)


def body(source: str) -> str:
    return render(source).body.replace('<span class="end-mark" role="img" aria-label="End"></span>', "")


def test_notes_are_numbered_and_link_both_ways():
    rendered = render('<p>The lift<span class="footnote">The <i>left</i> one.</span> and the vote.<span class="footnote">业主</span></p>')
    assert '<a class="fn" id="fnref1" href="#fn1" aria-label="Note 1">1</a> and' in rendered.body
    assert rendered.notes == (
        '<section class="endnotes soft" aria-labelledby="notes-h"><h2 class="label" id="notes-h">Notes</h2><ol>'
        '<li id="fn1">The <i>left</i> one. <a class="back" href="#fnref1" aria-label="Back to the text, note 1">↑</a></li>'
        '<li id="fn2"><span lang="zh-Hans">业主</span> <a class="back" href="#fnref2" aria-label="Back to the text, note 2">↑</a></li>'
        "</ol></section>"
    )


def test_references_stand_after_the_notes():
    rendered = render('<p>a<span class="footnote">b</span></p><ul class="references"><li>Bao, <i>Neighbours</i>.</li></ul>')
    assert "Neighbours" not in rendered.body
    assert rendered.notes.index("Notes") < rendered.notes.index('<h2 class="label" id="refs-h">References</h2><ul><li>Bao, <i>')


def test_two_articles_on_one_page_share_no_id():
    source = '<h2 id="x">H</h2><p>a<span class="footnote">b</span> <a href="#x">up</a> <span class="term" data-gloss="g">物业</span></p><table><caption>c</caption><tr><td>1</table>'
    first, second = render(source, prefix="one"), render(source, prefix="two")
    found = [Checker(part.body + part.notes) for part in (first, second)]
    assert not set(found[0].ids) & set(found[1].ids)
    for checker in found:
        assert set(checker.targets) <= set(checker.ids)
        assert len(checker.ids) == len(set(checker.ids))


def test_a_note_inside_a_link_moves_behind_it():
    assert body('<p><a href="/x">a<span class="footnote">n</span></a> b</p>') == (
        '<p><a href="/x">a</a><a class="fn" id="fnref1" href="#fn1" aria-label="Note 1">1</a> b</p>'
    )


def test_a_picture_has_its_size_and_loads_late():
    assert body(
        '<figure class="breakout"><img data-image="7" alt="Mine"><figcaption>Tower <span class="credit">Qiao</span></figcaption></figure>'
    ) == (
        '<figure class="breakout bleed"><img src="/m/800.webp" srcset="/m/800.webp 800w, /m/1600.webp 1600w" sizes="(min-width: 64em) 75vw, 100vw" '
        'width="1600" height="1000" alt="Mine" loading="lazy"><figcaption><span>Tower</span><span class="credit">Qiao</span></figcaption></figure>'
    )


def test_a_picture_that_is_gone_leaves_nothing_and_one_elsewhere_a_link():
    assert body('<p>a</p><figure><img data-image="8" src="/m/8.webp"></figure>') == "<p>a</p>"
    assert body('<img src="https://old.example/a.jpg" alt="A lift">') == '<p><a href="https://old.example/a.jpg">A lift</a></p>'


def test_a_term_is_a_button_with_a_card():
    assert body('<p>the <span class="term" data-pinyin="wùyè" data-gloss="Property &lt;management&gt;.">物业</span></p>') == (
        '<p>the <button class="term" type="button" popovertarget="term-1"><span lang="zh-Hans">物业</span></button>'
        '<span class="term-card" popover id="term-1"><b lang="zh-Hans">物业</b><i lang="zh-Latn">wùyè</i>Property &lt;management&gt;.</span></p>'
    )


def test_a_term_holds_no_link_and_a_note_inside_moves_behind_it():
    rendered = body('<p><span class="term" data-gloss="g"><a href="/x">物<b>业</b></a><span class="footnote">n</span></span> b</p>')
    Checker(rendered)
    assert '<span lang="zh-Hans">物业</span></button>' in rendered
    assert '</span><a class="fn" id="fnref1"' in rendered


def test_a_gloss_is_an_entry_for_the_margin():
    assert body('<aside class="gloss" data-pinyin="jiēlóng"><b>接龙</b>Connect the dragon.</aside>') == (
        '<aside class="gloss" aria-label="接龙, jiēlóng"><b lang="zh-Hans">接龙</b><div><i lang="zh-Latn">jiēlóng</i>Connect the dragon.</div></aside>'
    )


def test_ruby_says_the_language_of_word_and_reading():
    assert body("<p><ruby>接<rt>jiē</rt>龙<rt>lóng</rt></ruby></p>") == (
        '<p><ruby lang="zh-Hans">接<rt lang="zh-Latn">jiē</rt>龙<rt lang="zh-Latn">lóng</rt></ruby></p>'
    )


def test_a_table_scrolls_in_a_region_named_by_its_caption():
    rendered = body("<table><caption>Hours</caption><tr><td>1</td></tr></table><table><tr><td>2</td></tr></table>")
    assert '<div class="table" role="region" aria-labelledby="cap1" tabindex="0"><table><caption id="cap1">Hours</caption>' in rendered
    assert '<div class="table" role="region" aria-label="Table" tabindex="0"><table><tbody>' in rendered


def test_an_embed_loads_nothing_before_a_click():
    rendered = body('<iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ"></iframe>')
    assert "<iframe" not in rendered
    assert 'data-embed="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"' in rendered
    assert "Playing it loads www.youtube-nocookie.com, which may set cookies." in rendered
    assert '<a class="button button--plain" href="https://www.youtube.com/watch?v=dQw4w9WgXcQ">Play the film</a>' in rendered


def test_also_read_is_a_card_while_the_article_is_public():
    rendered = body('<aside class="also" data-article="rider"></aside><aside class="also" data-article="secret"></aside>')
    assert rendered.count("Also read") == 1
    assert '<a href="/rider/">Thirty <span lang="zh-Hans">外卖</span> Things</a>' in rendered
    assert 'alt="" loading="lazy"' in rendered


def test_an_appeal_has_the_words_of_the_editor_or_of_the_settings():
    assert '<p class="line">Help us.</p><div><a class="button" href="/subscribe/">Subscribe</a><a class="tap" href="/support/">' in body(
        '<aside class="appeal">Help us.</aside>'
    )
    assert '<p class="line">Nobody owns this.</p>' in body('<aside class="appeal"></aside>')


def test_a_ranking_keeps_names_counts_and_facts():
    assert body(
        '<ol class="ranking"><li><h3>“Whose car?” 谁的车</h3><span class="count num">2,914</span><p>With a picture.</p></li></ol>'
    ) == (
        '<ol class="ranking"><li><h3>“Whose car?” <span lang="zh-Hans">谁的车</span></h3><span class="count num">2,914</span>'
        '<p class="soft">With a picture.</p></li></ol>'
    )


def test_the_outline_has_every_heading_with_an_id_of_its_own():
    rendered = render(
        '<h2>重庆</h2><p>a</p><h3>重庆</h3><h2 id="own">B<span class="footnote">n</span></h2><ol class="ranking"><li><h3>c</h3></li></ol>'
    )
    assert rendered.outline == [
        {"id": "s-chong-qing", "title": "重庆", "level": 2},
        {"id": "s-chong-qing-2", "title": "重庆", "level": 3},
        {"id": "s-own", "title": "B", "level": 2},
    ]
    assert all(f'id="{entry["id"]}"' in rendered.body for entry in rendered.outline)


def test_words_count_han_by_the_character_and_leave_out_what_stands_beside_the_text():
    rendered = render(
        '<p>It isn’t 业主群.<span class="footnote">Not counted.</span></p><figure><img data-image="7"><figcaption>Nor this</figcaption></figure>'
    )
    assert rendered.words == 5
    assert rendered.reading_minutes == 1
    assert render("<p>" + "word " * 2300 + "</p>").reading_minutes == 10


def test_plain_text_has_whole_words_and_what_stands_beside_comes_last():
    rendered = render(
        '<p>a <ruby>接<rt>jiē</rt>龙<rt>lóng</rt></ruby><span class="footnote">note</span> b</p><ul><li>c</li><li>d</li></ul>'
    )
    assert rendered.text == "a 接龙 b\nc\nd\nnote"


SECRETS = {
    "paragraph": "<p>SENTINEL</p>",
    "caption": '<figure><img data-image="7"><figcaption>SENTINEL</figcaption></figure>',
    "alt": '<figure><img data-image="7" alt="SENTINEL"></figure>',
    "note": '<p>x<span class="footnote">SENTINEL</span></p>',
    "pull quote": '<figure class="pull"><blockquote><p>SENTINEL</p></blockquote></figure>',
    "list": "<ul><li>SENTINEL</li></ul>",
    "link": '<p><a href="https://example.com/SENTINEL">x</a></p>',
    "file": '<figure class="audio"><audio src="/media/SENTINEL.mp3"></audio></figure>',
    "reference": '<ul class="references"><li>SENTINEL</li></ul>',
    "gloss": '<p><span class="term" data-gloss="SENTINEL">楼</span></p>',
    "heading": "<h2>SENTINEL</h2>",
}


@pytest.mark.parametrize("divider", ['<hr class="paywall-divider">', ""], ids=["divider", "rule"])
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_nothing_from_behind_the_cut_is_in_the_preview(secret, divider):
    rendered = render(f"{LONG}{LONG}{divider}{LONG * 5}{secret}{LONG}")
    assert "SENTINEL" in rendered.body + rendered.notes
    assert rendered.preview
    assert "SENTINEL" not in rendered.preview + rendered.preview_notes + rendered.preview_text
    assert rendered.is_cut
    assert "end-mark" not in rendered.preview


def test_a_preview_is_a_beginning_of_the_body():
    rendered = render(f'<h2>One</h2><p>a<span class="footnote">b</span> 楼</p>{LONG * 9}', prefix="x")
    assert rendered.body.startswith(rendered.preview)
    assert rendered.preview_notes == rendered.notes


def test_the_text_of_a_chinese_article_is_not_wrapped():
    assert "<span lang" not in render("<p>晚上九点十二分，外卖员老周接到一单。</p>", language="zh-Hans").body


@settings(max_examples=200, deadline=None)
@given(SOUP)
def test_anything_renders_to_balanced_html_with_single_ids(source):
    rendered = render(source)
    for part in (rendered.body + rendered.notes, rendered.preview + rendered.preview_notes):
        checker = Checker(part)
        assert checker.open == []
        assert len(checker.ids) == len(set(checker.ids))


@pytest.mark.parametrize(
    ("piece", "count"),
    [("<p>A line about 外卖 (wàimài)<span class='footnote'>n</span>.</p>", 500), ("<h2>same</h2>", 1_000), ("<div>", 500)],
)
def test_eight_times_the_text_takes_about_eight_times_as_long(piece, count):
    def cost(times):
        started = time.process_time()
        render(piece * times)
        return time.process_time() - started

    cost(count)
    # Quadratic work would be 64-fold; the rest is for the noise of a busy machine.
    assert cost(8 * count) < 25 * cost(count) + 0.5


@pytest.mark.parametrize(
    ("address", "watch", "frame"),
    [
        ("https://youtu.be/dQw4w9WgXcQ?t=3", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://www.youtube.com/watch?a=b&v=dQw4w9WgXcQ&x", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("//player.vimeo.com/video/12345678?h=1", "https://vimeo.com/12345678", "https://player.vimeo.com/video/12345678?dnt=1"),
        ("https://www.bilibili.com/video/BV1xx411c7mD/", "https://www.bilibili.com/video/BV1xx411c7mD", "https://player.bilibili.com/player.html?bvid=BV1xx411c7mD&autoplay=0"),
        ("https://soundcloud.com/a-b/c", "https://soundcloud.com/a-b/c", "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fa-b%2Fc"),
        ("https://open.spotify.com/embed/episode/1234567890123456789012", "https://open.spotify.com/episode/1234567890123456789012", "https://open.spotify.com/embed/episode/1234567890123456789012"),
        ("https://twitter.com/a_b/status/1234567890?s=20", "https://x.com/a_b/status/1234567890", "https://platform.twitter.com/embed/Tweet.html?id=1234567890&dnt=true"),
        ("https://mastodon.social/@a/123456", "https://mastodon.social/@a/123456", "https://mastodon.social/@a/123456/embed"),
        ("https://bsky.app/profile/a.example/post/3kabcdefgh2ab", "https://bsky.app/profile/a.example/post/3kabcdefgh2ab", None),
    ],
)  # fmt: skip
def test_pages_and_frames_of_known_sites_are_recognised(address, watch, frame):
    embed = find_embed(address)
    assert embed is not None
    assert (embed.watch, embed.frame) == (watch, frame)
    assert find_embed(embed.watch) == embed
    assert frame is None or f"https://{embed.host}" in frame_sources()


@pytest.mark.parametrize(
    "address",
    ["https://youtube.com.evil.example/embed/dQw4w9WgXcQ", "https://evil.example/?https://youtu.be/dQw4w9WgXcQ", "javascript:alert(1)//youtu.be/dQw4w9WgXcQ", "https://youtu.be/", "", "https://x@youtu.be/dQw4w9WgXcQ"],
)  # fmt: skip
def test_what_only_looks_like_a_known_site_is_none(address):
    assert find_embed(address) is None
