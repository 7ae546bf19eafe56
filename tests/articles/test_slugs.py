from hypothesis import given
from hypothesis import strategies as st

from articles.slugs import MAX_SLUG_LENGTH, RESERVED_SLUGS, slug_for


def free(slug: str) -> bool:
    return False


def test_a_latin_title_becomes_its_words():
    assert slug_for("The Group Chat That Runs the Building", taken=free) == "the-group-chat-that-runs-the-building"


def test_chinese_is_read_by_words_and_not_by_single_characters():
    assert slug_for("重庆的夜", taken=free) == "chong-qing-de-ye"
    assert slug_for("银行行长", taken=free) == "yin-hang-hang-zhang"


def test_chinese_inside_english_is_separated_from_its_neighbours():
    assert slug_for("What外卖Used to Mean", taken=free) == "what-wai-mai-used-to-mean"


def test_apostrophes_do_not_split_a_word():
    assert slug_for("Nobody’s Lift Isn't Broken", taken=free) == "nobodys-lift-isnt-broken"


def test_a_taken_slug_is_numbered():
    taken = {"the-lift", "the-lift-2"}
    assert slug_for("The Lift", taken=taken.__contains__) == "the-lift-3"


def test_an_address_of_the_site_is_never_a_slug():
    assert slug_for("Search", taken=free, reserved=RESERVED_SLUGS) == "search-2"


def test_a_title_without_letters_still_gets_a_slug():
    assert slug_for("🙏 …", taken=free) == "article"
    assert slug_for("", taken={"article"}.__contains__) == "article-2"


def test_a_long_title_is_cut_at_a_word_and_its_number_fits_too():
    title = "lift " * 60
    first = slug_for(title, taken=free)
    second = slug_for(title, taken={first}.__contains__)
    assert len(first) <= MAX_SLUG_LENGTH
    assert len(second) <= MAX_SLUG_LENGTH
    assert second.endswith("-2")
    assert not first.endswith("-")


@given(st.text(max_size=200))
def test_every_slug_is_plain_bounded_and_free(title):
    slug = slug_for(title, taken=lambda slug: not slug.endswith("-3"))
    assert slug.endswith("-3")
    assert 0 < len(slug) <= MAX_SLUG_LENGTH
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug not in RESERVED_SLUGS
