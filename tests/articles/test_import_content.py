"""Turning what was written in WordPress into bodies."""

import re
import time

import pytest

from articles.importing.wordpress.content import Findings, Sources, convert_content
from articles.importing.wordpress.markup import Picture
from articles.importing.wordpress.records import Item


class Shelf:
    """A library in which picture 5 and anything called here.jpg can be had."""

    def picture(self, attachment: str, address: str) -> Picture | None:
        if attachment == "5" or address.endswith("here.jpg"):
            return Picture(5, "/media/here.jpg", alt="A bridge", caption="Its own caption", credit="")
        return None

    def file(self, address: str) -> str | None:
        return "/media/audio/a.mp3" if address.endswith("here.mp3") else None

    def link(self, address: str) -> str:
        return address.replace("https://old.example/2020/01/", "/")


def convert(content: str, *, is_gated: bool = False, meta: dict[str, list[str]] | None = None, findings: Findings | None = None) -> str:
    sources = Sources(
        Shelf(),
        lambda parent: ["5", "6"],
        lambda number: "<!-- wp:paragraph --><p>Shared.</p><!-- /wp:paragraph -->" if number == "77" else "",
    )
    return convert_content(Item(content=content, meta=meta or {}), sources, findings or Findings(), is_gated=is_gated)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("One.\n\nTwo,\ntoo.", "<p>One.</p>\n<p>Two,<br>too.</p>"),
        (
            "<h2>Head</h2>\nText\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\nEnd",
            "<h2>Head</h2>\n<p>Text</p>\n<ul><li>a</li><li>b</li></ul>\n<p>End</p>",
        ),
        ("<pre>a\n\nb</pre>", "<pre>a\n\nb</pre>"),
        ("<blockquote>One\n\nTwo</blockquote>", "<blockquote><p>One</p><p>Two</p></blockquote>"),
    ],
)
def test_classic_texts_get_paragraphs(written: str, stored: str) -> None:
    assert convert(written).replace("<br>\n", "<br>").replace("<br> ", "<br>") == stored


def test_texts_in_blocks_keep_their_own_paragraphs() -> None:
    written = '<!-- wp:paragraph {"align":"right"} -->\n<p>One\nline.</p>\n<!-- /wp:paragraph -->\n<!-- wp:heading -->\n<h2>Head</h2>\n<!-- /wp:heading -->'
    assert convert(written) in ("<p>One\nline.</p>\n<h2>Head</h2>", "<p>One line.</p>\n<h2>Head</h2>")


def test_the_more_mark_is_a_divider_only_behind_a_wall() -> None:
    assert '<hr class="paywall-divider">' in convert("One.\n<!--more Go on-->\nTwo.", is_gated=True)
    assert "<hr" not in convert("One.\n<!--more-->\nTwo.")
    assert (
        convert("<!-- wp:p --><p>a</p>\n<!-- wp:more -->\n<!--more-->\n<!-- /wp:more --><p>b</p>", is_gated=True).count("paywall-divider")
        == 1
    )


def test_a_new_page_is_a_break() -> None:
    assert convert("One.\n<!--nextpage-->\nTwo.") == "<p>One.</p>\n<hr>\n<p>Two.</p>"


@pytest.mark.parametrize(
    "written",
    [
        "https://www.youtube.com/watch?v=SQEQr7c0-dw",
        "Before\nhttps://youtu.be/SQEQr7c0-dw\nafter",
        "[embed]https://www.youtube.com/watch?v=SQEQr7c0-dw[/embed]",
        "[youtube https://www.youtube.com/watch?v=SQEQr7c0-dw]",
        "[youtube=https://www.youtube.com/watch?v=SQEQr7c0-dw&w=320]",
        '[youtube id="SQEQr7c0-dw"]',
        '<iframe src="//www.youtube.com/embed/SQEQr7c0-dw" width="5"></iframe>',
        '<object width="4"><param name="movie" value="http://www.youtube.com/v/SQEQr7c0-dw"></object>',
        '<!-- wp:embed {"url":"https://youtu.be/SQEQr7c0-dw"} -->\n<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\nhttps://youtu.be/SQEQr7c0-dw\n</div></figure>\n<!-- /wp:embed -->',
        '<!-- wp:core-embed/youtube {"url":"https:\\/\\/youtu.be\\/SQEQr7c0-dw\\u0026x=1"} /-->',
    ],
)
def test_every_way_to_embed_a_film_gives_the_same_embed(written: str) -> None:
    assert '<figure class="embed" data-embed="https://www.youtube.com/watch?v=SQEQr7c0-dw"></figure>' in convert(written)


def test_posts_quoted_with_a_script_become_embeds() -> None:
    quoted = '<blockquote class="twitter-tweet"><p>Hi <a href="https://t.co/x">x</a></p>— A <a href="https://twitter.com/a/status/123456789">May 1</a></blockquote><script src="x"></script>'
    assert convert(quoted) == '<figure class="embed" data-embed="https://x.com/a/status/123456789"></figure>'


@pytest.mark.parametrize(
    "written",
    [
        '[caption id="attachment_5" align="aligncenter" width="30"]<img class="wp-image-5" src="https://old.example/x.jpg" alt="Alt" /> The caption[/caption]',
        '[caption caption="The caption" width=3]<a href="/x.jpg"><img src="https://old.example/here.jpg" alt="Alt"></a>[/caption]',
        '<div class="wp-caption"><img src="https://old.example/here.jpg" alt="Alt"><p class="wp-caption-text">The caption</p></div>',
        '<!-- wp:image {"id":5} --><figure class="wp-block-image"><img src="https://old.example/here.jpg" alt="Alt" class="wp-image-5"/><figcaption>The caption</figcaption></figure><!-- /wp:image -->',
    ],
)
def test_captions_of_every_age_stand_under_their_pictures(written: str) -> None:
    assert convert(written) == '<figure><img data-image="5" src="/media/here.jpg" alt="Alt"><figcaption>The caption</figcaption></figure>'


def test_a_picture_that_cannot_be_had_is_left_out_with_its_caption() -> None:
    body = convert(
        'Before\n\n[caption width="3"]<img src="https://old.example/gone.jpg"> Lost[/caption]\n\nafter <img src="https://evil.example/pixel.gif">'
    )
    assert body == "<p>Before</p>\n<p>after</p>"


def test_galleries_of_every_age_are_galleries() -> None:
    old = convert('[gallery columns="2" ids="5,6"]')
    attached = convert("[gallery]")
    block = convert(
        '<!-- wp:gallery {"ids":[5]} --><ul class="wp-block-gallery"><li class="blocks-gallery-item"><figure><img data-id="5" src="https://old.example/here.jpg"/>'
        "<figcaption>Mine</figcaption></figure></li></ul><!-- /wp:gallery -->"
    )
    assert (
        old
        == attached
        == '<div class="gallery"><figure><img data-image="5" src="/media/here.jpg" alt="A bridge"><figcaption>Its own caption</figcaption></figure></div>'
    )
    assert (
        block
        == '<div class="gallery"><figure><img data-image="5" src="/media/here.jpg" alt="A bridge"><figcaption>Mine</figcaption></figure></div>'
    )


def test_sounds_of_the_site_play_and_others_are_links() -> None:
    assert (
        convert('[audio src="https://old.example/here.mp3"]')
        == '<figure class="audio"><audio controls="" src="/media/audio/a.mp3"></audio></figure>'
    )
    assert (
        convert("[audio mp3=https://old.example/gone.mp3][/audio]")
        == '<p><a href="https://old.example/gone.mp3">https://old.example/gone.mp3</a></p>'
    )


def test_pull_quotes_tables_and_verse_keep_their_form() -> None:
    assert convert(
        '<!-- wp:pullquote --><figure class="wp-block-pullquote"><blockquote><p>Big</p><cite>Ann</cite></blockquote></figure><!-- /wp:pullquote -->'
    ).startswith('<figure class="pull"><blockquote><p>Big</p></blockquote><figcaption>')
    table = '<!-- wp:table --><figure class="wp-block-table"><table><tbody><tr><td>1</td></tr></tbody></table><figcaption>Sums</figcaption></figure><!-- /wp:table -->'
    assert convert(table) == "<table><caption>Sums</caption><tbody><tr><td>1</td></tr></tbody></table>"
    assert (
        convert('<!-- wp:verse --><pre class="wp-block-verse">One\ntwo\n\nthree</pre><!-- /wp:verse -->')
        == "<p>One<br>two</p>\n<p>three</p>"
    )


def test_footnotes_of_every_plugin_stand_where_their_numbers_were() -> None:
    note = '<span class="footnote">See below.</span>'
    kept = {"footnotes": ['[{"id":"abc","content":"See below."}]']}
    assert convert(
        '<!-- wp:paragraph --><p>Word<sup data-fn="abc" class="fn"><a href="#abc">1</a></sup>.</p><!-- /wp:paragraph --><!-- wp:footnotes /-->',
        meta=kept,
    ) == (f"<p>Word{note}.</p>")
    rendered = 'Word<sup id="fnref1"><a href="#fn1">1</a></sup>.\n\n<div class="footnotes"><ol><li id="fn1">See below. <a href="#fnref1">↩</a></li></ol></div>'
    assert convert(rendered).replace(" </span>", "</span>") == f"<p>Word{note}.</p>"
    for written in ("Word[footnote]See below.[/footnote].", "Word[ref]See below.[/ref].", "Word((See below.))."):
        assert convert(written) == f"<p>Word{note}.</p>"


def test_unknown_shortcodes_go_from_the_text_into_the_findings() -> None:
    findings = Findings()
    body = convert(
        'One [price id="3"] two.\n\n[contact-form-7 id="1" title="x"]\n\n[box color="red"]Kept <b>words</b>.[/box]\n\n[widget]',
        findings=findings,
    )
    assert body == "<p>One  two.</p>\n<p>Kept <b>words</b>.</p>" or body == "<p>One two.</p>\n<p>Kept <b>words</b>.</p>"
    assert [name for name, _ in findings.shortcodes] == ["price", "contact-form-7", "box", "widget"]


def test_remarks_in_brackets_are_no_shortcodes() -> None:
    text = "He said [sic] that [the king] went [1] to [[gallery]] and <code>[caption]</code>."
    findings = Findings()
    assert convert(text, findings=findings) == "<p>He said [sic] that [the king] went [1] to [gallery] and <code>[caption]</code>.</p>"
    assert findings.shortcodes == []


def test_shared_blocks_are_written_out_and_theme_blocks_left_out() -> None:
    findings = Findings()
    written = '<!-- wp:block {"ref":77} /-->\n<!-- wp:query {"a":1} --><div><!-- wp:post-title /--><p>loop</p></div><!-- /wp:query -->\n<!-- wp:acme/chart /-->'
    assert convert(written, findings=findings) == "<p>Shared.</p>"
    assert findings.blocks == ["query", "acme/chart"]


def test_links_to_the_old_site_lead_here() -> None:
    assert convert('<a href="https://old.example/2020/01/post/">x</a>') == '<p><a href="/post/">x</a></p>'


@pytest.mark.parametrize("depth", [40, 300, 3000])
@pytest.mark.parametrize("tag", ["div", "blockquote"])
def test_deep_nesting_loses_no_words(tag: str, depth: int) -> None:
    stored = convert(f"<p>before</p>{f'<{tag}>' * depth}deep{f'</{tag}>' * depth}<p>after</p>")
    assert re.findall(r"before|deep|after", stored) == ["before", "deep", "after"]


@pytest.mark.parametrize(
    "nasty",
    [
        "<div>" * 5000 + "deep",
        "[a" * 50_000,
        "[a ' \" " * 50_000,
        "[a '" + "\"'" * 50_000,
        "<!-- wp:p {" * 50_000,
        "<!-- wp:p {" * 50_000 + "-->",
        "<pre >" * 50_000,
        "<!--more" * 50_000,
        "[caption]" * 20_000,
        " " * 300_000,
        "((x " + "a " * 100_000,
        '<img src="javascript:alert(1)" onerror=x>',
        "<script>alert(1)</script>",
    ],
)
def test_hostile_texts_neither_raise_nor_pass_nor_take_their_time(nasty: str) -> None:
    started = time.process_time()
    body = convert(f"Before {nasty}")
    assert "Before" in body
    assert "<script" not in body
    assert "onerror" not in body
    assert time.process_time() - started < 20
