"""Matchers: Alertmanager's syntax, and expressions of unbounded time are refused."""

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.examples import examples
from ward.matcher import Matcher, parse_matchers


@pytest.mark.parametrize(
    ("text", "label", "op", "value"),
    [
        ('severity="high"', "severity", "=", "high"),
        ("severity=high", "severity", "=", "high"),
        (' ward =~ "icu|hdu" ', "ward", "=~", "icu|hdu"),
        ("bed!=icu-1", "bed", "!=", "icu-1"),
        ('bed!~"icu-.*"', "bed", "!~", "icu-.*"),
        ('a="quo\\"te, {}"', "a", "=", 'quo"te, {}'),
        ('a=""', "a", "=", ""),
        ("rule=two words", "rule", "=", "two words"),
    ],
)
def test_a_matcher_is_parsed(text: str, label: str, op: str, value: str) -> None:
    matcher = Matcher.parse(text)
    assert (matcher.label, matcher.op, matcher.value) == (label, op, value)
    assert Matcher.parse(str(matcher)) == matcher


@settings(max_examples=examples(33, 200))
@given(st.from_regex(r"[a-z_]{1,5}", fullmatch=True), st.sampled_from(["=", "!="]), st.text(max_size=20))
def test_a_matcher_written_and_parsed_is_the_same(label: str, op: str, value: str) -> None:
    matcher = Matcher(label, "=" if op == "=" else "!=", value)
    assert Matcher.parse(str(matcher)) == matcher
    assert msgspec.json.decode(msgspec.json.encode(matcher), type=Matcher) == matcher


@pytest.mark.parametrize(
    ("text", "labels", "holds"),
    [
        ("a=b", {"a": "b"}, True),
        ("a=b", {}, False),
        ("a!=b", {}, True),
        ('a=""', {}, True),
        ("a=~b|c", {"a": "c"}, True),
        ("a=~b", {"a": "bb"}, False),  # the whole value
        ("a!~b.*", {"a": "bb"}, False),
        ("a!~b.*", {"a": "c"}, True),
    ],
)
def test_a_missing_label_is_an_empty_one(text: str, labels: dict[str, str], holds: bool) -> None:
    assert Matcher.parse(text).matches(labels) is holds


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+", "(?:a*)*", "(a|a)*", "((a|b)c)+", "(.*a){20}", "(a?)+", ".*.*.*.*x", "a?a?a?a?a?a?a?a?a?", "(?=a)b",
        "(?P<n>a)", "[", "(", "a" * 600, "(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)",
    ],
)  # fmt: skip
def test_an_expression_of_unbounded_time_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"repeat|choice|group|regular expression|at most"):
        Matcher("a", "=~", pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "icu|hdu|neo|a|b|c|d|e|f|g|h", "(icu|hdu)-[0-9]+", "icu-.*", ".*-icu-.*", "(?i:ICU).*", "[a-z]{1,3}-[0-9]{2}",
        r"a\+b\(c", "[+*]", "[^]x]*", "",
    ],
)  # fmt: skip
def test_usual_expressions_are_accepted(pattern: str) -> None:
    assert Matcher("a", "=~", pattern).value == pattern


@settings(max_examples=examples(66, 400), deadline=500)
@given(st.text("ab(|)*+?.{}12[]\\", max_size=30), st.integers(1, 60))
def test_every_accepted_expression_matches_in_bounded_time(pattern: str, length: int) -> None:
    try:
        matcher = Matcher("a", "=~", pattern)
    except ValueError:
        return
    value = "a" * length + "!"
    assert matcher.matches({"a": value}) is (re.fullmatch(pattern, value) is not None)


@pytest.mark.parametrize("wrong", ["", "a", "=b", "a b=c", "a=b,c=d", '{a="b"}', "1a=b", "a=~[", "a==b"])
def test_a_text_that_is_no_matcher_is_refused_with_a_reason(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        Matcher.parse(wrong)
    with pytest.raises(ValueError, match="a list of matchers"):
        parse_matchers(wrong)
