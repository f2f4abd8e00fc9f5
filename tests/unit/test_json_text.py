"""Values set in JSON texts that people wrote: nothing else changes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.cli.launch.json_text import Having, has, with_value
from ossia.errors import InvalidRequest

COMMENTED = """\
// mine
{
    'theme': "dark", // "a": {
    /* } */ models: {
        "b": [1, 2,], // last
    },
}
"""


def test_comments_and_all_else_stay() -> None:
    assert (
        with_value(COMMENTED, ("models", "a", "x"), 1)
        == """\
// mine
{
    'theme': "dark", // "a": {
    /* } */ models: {
        "b": [1, 2,], // last
        "a": {
            "x": 1
        }
    },
}
"""
    )


def test_a_value_is_replaced_where_it_stands() -> None:
    assert with_value(COMMENTED, ("theme",), "light") == COMMENTED.replace('"dark"', '"light"')
    assert with_value(COMMENTED, ("theme",), "dark") == COMMENTED


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("{}\n", ("a", "b"), '{\n  "a": {\n    "b": 1\n  }\n}\n'),
        ('{"a": 2}', ("b",), '{"a": 2, "b": 1}'),
        ('{"a": 2,}', ("b",), '{"a": 2, "b": 1}'),
        ('{"a": 2, "a": 3}', ("a",), '{"a": 2, "a": 1}'),
        ('{"a": "text"}', ("a", "b"), '{"a": {\n  "b": 1\n}}'),
        ("{\n// none\n}", ("a",), '{\n// none\n  "a": 1\n}'),
        ('{\n\t"a": 2 // two\n}', ("b",), '{\n\t"a": 2, // two\n\t"b": 1\n}'),
        ("[]", (Having("n", "x"), "v"), '[\n  {\n    "n": "x",\n    "v": 1\n  }\n]'),
        ('[{"n": "y"}, {"n": "x", "z": 0}]', (Having("n", "x"), "v"), '[{"n": "y"}, {"n": "x", "z": 0, "v": 1}]'),
    ],
)
def test_a_value_is_added(text: str, path: tuple[str | Having, ...], expected: str) -> None:
    assert with_value(text, path, 1) == expected
    assert has(with_value(text, path, 1), path)
    assert with_value(expected, path, 1) == expected


@pytest.mark.parametrize(
    "text", ["", "{", '{"a" 1}', '{"a": 1 "b": 2}', "[1] 2", '{"a": "\n', "[" * 100_000, "{]", "}"]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        with_value(text, ("a",), 1)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from('abcé"\\'), inner, max_size=3),
    max_leaves=8,
)


@given(
    document=st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3),
    path=st.lists(st.sampled_from('abcé"'), min_size=1, max_size=3).map(tuple),
    value=VALUES,
    indent=st.sampled_from([None, 0, 2, "\t"]),
)
def test_the_text_means_the_same_with_the_value(
    document: dict[str, Any], path: tuple[str, ...], value: Any, indent: int | str | None
) -> None:
    text = with_value(json.dumps(document, indent=indent), path, value)
    expected = json.loads(json.dumps(document))
    place = expected
    for key in path[:-1]:
        if not isinstance(place.get(key), dict):
            place[key] = {}
        place = place[key]
    place[path[-1]] = value
    assert json.loads(text) == expected
