"""The style sheet of a live site: one file, nothing lost."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from config.staticfiles import bundle, minified, rebased, wrapped


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("static")
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "config.staticfiles.BundledStaticFilesStorage"},
    }
    finders = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    with override_settings(STATIC_ROOT=root, STORAGES=storages, STATICFILES_FINDERS=finders):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root


@pytest.fixture(scope="module")
def names(collected: Path) -> dict[str, str]:
    return json.loads((collected / "staticfiles.json").read_text())["paths"]


@pytest.fixture(scope="module")
def sheet(collected: Path, names: dict[str, str]) -> str:
    return (collected / names["css/main.css"]).read_text()


def test_the_live_style_sheet_imports_nothing(sheet: str):
    assert "@import" not in sheet
    assert sheet.startswith("@layer tokens,base,layout,components,print;")


def test_every_part_is_in_the_live_style_sheet_in_its_order(sheet: str):
    parts = re.findall(r'@import "([^"]+)"', Path("static/css/main.css").read_text())
    assert len(parts) > 20
    end = 0
    for part in parts:
        rule = re.search(r"^[.:a-z][^{@]*\{[^}{]*\}", Path("static/css", part).read_text(), re.MULTILINE)
        assert rule is not None, part
        end = sheet.index(minified(rule[0])[:-1], end)


def test_the_live_style_sheet_has_balanced_braces_and_every_rule_of_its_parts(sheet: str):
    assert sheet.count("{") == sheet.count("}")
    imported = [Path("static/css", part).read_text() for part in re.findall(r'@import "([^"]+)"', Path("static/css/main.css").read_text())]
    wrappers = len(imported) + 1
    bare = [re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL) for source in imported]
    assert sheet.count("{") == sum(source.count("{") for source in bare) + wrappers


def test_fonts_are_named_by_their_hashes_and_unchanged(collected: Path, names: dict[str, str], sheet: str):
    hashed = names["fonts/newsreader-latin.woff2"]
    assert f'url("../{hashed}")' in sheet
    assert (collected / hashed).read_bytes() == Path("static/fonts/newsreader-latin.woff2").read_bytes()


def test_compressed_twins_lie_beside_the_live_style_sheet(collected: Path, names: dict[str, str]):
    assert (collected / f"{names['css/main.css']}.gz").exists()
    assert (collected / f"{names['css/main.css']}.br").exists()


def test_imports_keep_their_layer_and_medium():
    assert wrapped("a{}", "layer(print) print") == "@media print {\n@layer print {\na{}\n}\n}"
    assert wrapped("a{}", "") == "a{}"


def test_imports_within_imports_are_followed_and_their_addresses_hold():
    files = {
        "css/main.css": '@import "parts/one.css" layer(x);',
        "css/parts/one.css": '@import url("two.css");b{src:url("../../fonts/a.woff2")}',
        "css/parts/two.css": "c{src:url(data:x) url('i.svg')}",
    }
    parts: set[str] = set()
    sheet = bundle("css/main.css", files.__getitem__, parts)
    assert parts == {"css/parts/one.css", "css/parts/two.css"}
    assert 'url("../fonts/a.woff2")' in sheet
    assert "url(data:x)" in sheet
    assert 'url("parts/i.svg")' in sheet


def test_addresses_within_one_folder_stay():
    assert rebased('url("../fonts/a.woff2")', "css", "css") == 'url("../fonts/a.woff2")'


@pytest.mark.parametrize(
    ("source", "small"),
    [
        ("a :is(b, c) { color : red; }", "a :is(b,c){color :red}"),
        ("a { width: calc(1px + 2px - 3px) }", "a{width:calc(1px + 2px - 3px)}"),
        ('a::before { content: "/* , ; { */ –  " }', 'a::before{content:"/* , ; { */ –  "}'),
        ("/* gone */ a > b { }", "a>b{}"),
        ("@media (48rem <= width < 64rem) { a { b: c } }", "@media (48rem <= width < 64rem){a{b:c}}"),
        ("a:not(.b) .c:hover { d: e f }", "a:not(.b) .c:hover{d:e f}"),
    ],
)
def test_minifying_keeps_what_blanks_and_strings_mean(source, small):
    assert minified(source) == small


def test_scripts_import_each_other_by_their_live_names(collected: Path, names: dict[str, str]):
    scripts = [name for name in names if name.startswith("js/") and name.endswith(".js")]
    imports = {name: re.findall(r'from\s+"(\.[^"]+)"', (collected / names[name]).read_text()) for name in scripts}
    assert imports["js/newsroom/body.js"]
    for name, addresses in imports.items():
        folder = (collected / names[name]).parent
        assert all((folder / address).is_file() and address[2:] in str(names.values()) for address in addresses), name
