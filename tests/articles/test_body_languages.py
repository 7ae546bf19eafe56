import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.body.languages import language_runs, mark_languages, mark_text
from articles.body.parsing import parse
from articles.body.tree import serialise, text_of


def marked(source: str, language: str = "en") -> str:
    return serialise(mark_languages(parse(source), language))


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("The 业主群 chat", 'The <span lang="zh-Hans">业主群</span> chat'),
        ("Ask 谁在家？ first", 'Ask <span lang="zh-Hans">谁在家？</span> first'),
        ("the 群主說「對」 line", 'the <span lang="zh-Hant">群主說「對」</span> line'),
        ("at 東京タワー now", 'at <span lang="ja">東京タワー</span> now'),
        ("rare 𠮷々〇 here", 'rare <span lang="zh-Hans">𠮷々〇</span> here'),
        ("一共3楼高 and 3 lifts", '<span lang="zh-Hans">一共3楼高</span> and 3 lifts'),
        ("短剧（short drama）", '<span lang="zh-Hans">短剧</span>（short drama）'),
        ("<b>楼</b> & Co", '&lt;b&gt;<span lang="zh-Hans">楼</span>&lt;/b&gt; &amp; Co'),
        ("thumbs 👍 only", "thumbs 👍 only"),
    ],
)
def test_han_is_marked_with_its_script(plain, expected):
    assert mark_text(plain) == expected


@pytest.mark.parametrize(
    "plain",
    [
        "不好意思 ([bù hǎoyìsi], “how embarrassing”)",
        "([wǎngluò wēiduǎnjù] 网络微短剧)",
        "楼下, [lóuxià]: downstairs",
        "对不起 [duìbuqǐ]",
        "西安 [Xī’ān]",
        "女人 ([nǚrén])",
        "一会儿 ([yīhuìr])",
        "the sofa ([shāfā]), so fast",
        "downstairs ([lóuxià])",
    ],
)
def test_pinyin_is_marked_next_to_han_and_in_brackets(plain):
    text = plain.replace("[", "").replace("]", "")
    wanted = plain[plain.index("[") + 1 : plain.index("]")]
    assert [text[run.start : run.end] for run in language_runs(text) if run.language == "zh-Latn"] == [wanted]


@pytest.mark.parametrize(
    "plain",
    [
        "a résumé 简历 in French",
        "the bánh mì 面包 of Saigon",
        "Hà Nội 河内",
        "cà phê 咖啡",
        "déjà 已经",
        "Málaga 马拉加",
        "Dalí 达利",
        "(été) and (là) and (à la carte) and (né Martin)",
        "(Tōkyō) and (Ōsaka)",
        "the men can sing 你好 to me",
        "she sang lóuxià far from any character, and that is a name",
    ],
)
def test_other_languages_with_accents_are_not_taken_for_pinyin(plain):
    assert [run for run in language_runs(plain) if run.language == "zh-Latn"] == []


def test_a_hashtag_becomes_a_link_to_the_search_and_keeps_its_digits():
    assert marked("<p>under #短剧编剧月入可超10万元# now</p>") == (
        '<p>under <a class="hashtag" href="/search/?q=%E7%9F%AD%E5%89%A7%E7%BC%96%E5%89%A7%E6%9C%88%E5%85%A5%E5%8F%AF%E8%B6%8510'
        '%E4%B8%87%E5%85%83" lang="zh-Hans">#短剧编剧月入可超10万元#</a> now</p>'
    )


def test_a_hashtag_inside_a_link_is_no_second_link():
    assert marked('<p><a href="/x">see #短剧# here</a></p>') == '<p><a href="/x">see <span lang="zh-Hans">#短剧#</span> here</a></p>'


def test_a_number_sign_alone_is_no_hashtag():
    assert "hashtag" not in marked("<p>We are #1 and 业主 are #2 in # town</p>")


def test_nothing_is_marked_twice():
    once = marked("<p>The 业主群 (yèzhǔqún), #短剧# and <b>物业</b></p>")
    assert serialise(mark_languages(parse(once), "en")) == once


def test_an_element_that_says_its_language_is_left_alone():
    assert marked('<p lang="zh-Hans">楼上说得对</p>') == '<p lang="zh-Hans">楼上说得对</p>'
    assert marked('<p><span lang="ja">東京</span></p>') == '<p><span lang="ja">東京</span></p>'
    assert marked('<p lang="fr">le 楼</p>') == '<p lang="fr">le <span lang="zh-Hans">楼</span></p>'


def test_an_inline_element_around_one_run_says_the_language_itself():
    assert marked("<p>沙发 (<em>shāfā</em>) <b>业主群</b></p>") == (
        '<p><span lang="zh-Hans">沙发</span> (<em lang="zh-Latn">shāfā</em>) <b lang="zh-Hans">业主群</b></p>'
    )


def test_a_paragraph_of_chinese_says_so_itself():
    assert marked("<p>近日,研究院“网信”上线。</p>") == '<p lang="zh-Hans">近日,研究院“网信”上线。</p>'


def test_code_is_left_alone():
    assert marked("<p><code>楼 = 1</code></p>") == "<p><code>楼 = 1</code></p>"


def test_a_chinese_article_is_not_wrapped_and_its_latin_words_are_left_alone():
    source = "<p>晚上九点，外卖员老周 (Lǎo Zhōu) 接到一单 order。</p>"
    assert marked(source, "zh-Hans") == source
    assert mark_text("暴雨夜，一单外卖", language="zh-Hans") == "暴雨夜，一单外卖"


def test_a_run_across_elements_is_marked_in_each():
    assert marked("<p>业<b>主</b>群</p>") == '<p><span lang="zh-Hans">业</span><b lang="zh-Hans">主</b><span lang="zh-Hans">群</span></p>'


def test_a_run_never_crosses_a_block():
    assert len(language_runs("业主")) == 1
    assert marked("<ul><li>#短</li><li>剧#</li></ul>") == (
        '<ul><li>#<span lang="zh-Hans">短</span></li><li><span lang="zh-Hans">剧</span>#</li></ul>'
    )


@given(st.text(alphabet="aō hǎ业說の#（），“10<b>/i", max_size=60))
def test_marking_never_changes_the_text(text):
    nodes = parse(f"<p>{text}</p>")
    assert text_of(mark_languages(nodes, "en")) == text_of(nodes)


@pytest.mark.parametrize("piece", ["业主 (nǐ hǎo) ", "#短", "ā", "业“", "ā "])
def test_eight_times_the_text_is_marked_in_about_eight_times_the_time(piece):
    def cost(times):
        started = time.process_time()
        mark_text(piece * times)
        return time.process_time() - started

    cost(4_000)
    # Quadratic work would be 64-fold; the rest is for the noise of a busy machine.
    assert cost(32_000) < 25 * cost(4_000) + 0.5
