"""Reading serialised PHP as data."""

import pytest

from articles.importing.wordpress.php_values import NotSerialisedError, unserialise


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a:2:{s:5:"width";i:3510;s:4:"file";s:6:"a"b.jp";}', {"width": 3510, "file": 'a"b.jp'}),
        ("a:1:{i:0;a:2:{i:0;b:1;i:1;N;}}", {0: {0: True, 1: None}}),
        ("d:0.5;", 0.5),
        ('s:6:"é東";', "é東"[:2]),
        ('O:8:"stdClass":1:{s:1:"a";i:1;}', {"a": 1}),
        # Line ends were changed on the way, so the length is wrong.
        ('a:2:{s:1:"a";s:5:"x\ny";s:1:"b";i:2;}', {"a": "x\ny", "b": 2}),
    ],
)
def test_values_are_read(text: str, value: object) -> None:
    assert unserialise(text) == value


@pytest.mark.parametrize("text", ["", "hello", 'a:1:{s:1:"a"', "a:1:{" * 500, 's:9999:"x', "a:1:{a:0:{}i:1;}", "C:3:" + "x" * 50])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotSerialisedError):
        unserialise(text)
