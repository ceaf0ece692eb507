"""Matchers: the grammar of Alertmanager 0.28, and expressions as RE2 reads them."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.examples import examples
from ward.matcher import Matcher, Op, parse_matchers
from ward.severity_names import NAMES


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
        # A backslash before anything but a backslash, a quote and n is itself.
        (r'bed=~"icu-\d+"', "bed", "=~", r"icu-\d+"),
        (r"bed=~icu-\d+", "bed", "=~", r"icu-\d+"),
        (r'bed=~"icu-\\d+"', "bed", "=~", r"icu-\d+"),
        (r'a="\t\n\""', "a", "=", '\\t\n"'),
        (r'path="C:\wards\icu"', "path", "=", r"C:\wards\icu"),
        # Names in quotes, and names that are not Prometheus's.
        ('"alertname"="X"', "alertname", "=", "X"),
        ('"Station 3"=~"[äö]+"', "Station 3", "=~", "[äö]+"),
        ('zimmer-nr="5"', "zimmer-nr", "=", "5"),
        (r'"a"="\u00e4\x41\101\t"', "a", "=", "äAA\t"),
        ("a=", "a", "=", ""),
        ('severity="critical"', "severity", "=", "high"),
        ("severity!=Warning", "severity", "!=", "medium"),
    ],
)
def test_a_matcher_is_parsed(text: str, label: str, op: str, value: str) -> None:
    matcher = Matcher.parse(text)
    assert (matcher.label, matcher.op, matcher.value) == (label, op, value)
    assert Matcher.parse(str(matcher)) == matcher


@settings(max_examples=examples(33, 200))
@given(st.text(min_size=1, max_size=8), st.sampled_from(get_args(Op)), st.text(max_size=20))
def test_a_matcher_written_and_parsed_is_the_same(label: str, op: Op, value: str) -> None:
    try:
        matcher = Matcher(label, op, value)
    except ValueError:
        return
    assert Matcher.parse(str(matcher)) == matcher
    assert Matcher.parse_list(f"{{{matcher}, {matcher},}}") == [matcher, matcher]
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


@pytest.mark.guarantee(
    "A regular expression means what it means in Alertmanager (RE2), or it is refused with its fault."
)
@pytest.mark.parametrize(
    ("pattern", "value", "holds"),
    [
        (r"icu-\d+", "icu-12", True),
        ("[[:alpha:]]+", "icu", True),
        ("[[:alpha:]]+", "3", False),
        ("[^[:digit:]]*", "icu", True),
        (r"\pL+", "äöü", True),
        (r"\Qa.b\E", "a.b", True),
        (r"\w+", "ä", False),  # as in RE2, words are ASCII
        ("(?i)ICU", "icu", True),
        ("(?P<ward>icu)", "icu", True),
        ("(a+)+b", "a" * 200, False),
        ("(a|a)*b", "a" * 200 + "b", True),
        (".*.*.*.*.*b", "a" * 512, False),
        ("a?" * 100 + "a" * 100, "a" * 100, True),
        ("[+*]|[^]x]*", "]", False),
        ("a.b", "a\nb", False),
        ("", "", True),
    ],
)
def test_an_expression_is_read_as_re2_does(pattern: str, value: str, holds: bool) -> None:
    assert Matcher("a", "=~", pattern).matches({"a": value}) is holds
    assert Matcher("a", "!~", pattern).matches({"a": value}) is not holds


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)b", "(?<!a)b", r"(a)\1", "[", "(", "a**", "x*+", "[[:alpa:]]", r"\Z", "a{2000}", "a" * 600, ".{1000}"],
)
def test_an_expression_that_re2_does_not_know_or_that_is_too_expensive_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"not a regular expression|too expensive|at most"):
        Matcher("a", "=~", pattern)


@settings(max_examples=examples(66, 400))
@given(st.text("ab(|)*+?.{}12[]\\:^$é", max_size=30), st.text("ab!\né", max_size=60))
def test_every_text_is_an_expression_or_refused(pattern: str, value: str) -> None:
    try:
        matcher = Matcher("a", "=~", pattern)
    except ValueError:
        return
    assert matcher.matches({"a": value}) is not Matcher("a", "!~", pattern).matches({"a": value})


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("", "0 matchers"),
        ("a", "column 2"),
        ("=b", "column 1"),
        ("a b=c", "column 3"),
        ("a=b,c=d", "2 matchers instead of one"),
        ('{a="b"}', "column 1: braces"),
        ("a==b", "column 3"),
        ("a=~[", "missing ]"),
        ('a="b', "column 3: the closing quote is missing"),
        ('a="b" c', "column 7"),
        (r'"a b"="icu-\d"', "column 12"),  # a name in quotes has no classic reading: the escapes are those of Go
        (r'"a"="\ud800"', "not UTF-8"),
        ("a=\ud800", "not UTF-8"),
        ('""=b', "without the name"),
    ],
)
def test_a_text_that_is_no_matcher_is_refused_with_its_place(wrong: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"not a matcher|not a regular|a matcher") as refused:
        Matcher.parse(wrong)
    assert why in str(refused.value)
    with pytest.raises(ValueError, match="a list of matchers"):
        parse_matchers(wrong)


@pytest.mark.parametrize(
    "text", ['{severity="high", bed=~"a,b"}', ' severity=high,bed=~"a,b", ', '{"severity"="high",bed=~"a,b",}']
)
def test_a_list_of_matchers_has_braces_or_none(text: str) -> None:
    assert list(map(str, Matcher.parse_list(text))) == ['severity="high"', 'bed=~"a,b"']


@pytest.mark.parametrize("wrong", ["{a=b", "a=b}", "{a=b},", "{a=b c=d}", "{,}", "{a=b}}"])
def test_a_list_with_an_odd_brace_or_comma_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="column"):
        Matcher.parse_list(wrong)


@pytest.mark.guarantee("A severity has one meaning at every door: `critical` of a sender, filter or silence is `high`.")
@pytest.mark.parametrize("ours", NAMES)
def test_a_matcher_knows_every_name_of_a_severity(ours: str) -> None:
    for severity, names in NAMES.items():
        for name in names:
            for text, holds in (
                (f"severity={name}", True),
                (f"severity=~{name}|x", True),
                (f"severity!~{name}", False),
            ):
                assert Matcher.parse(text.format(name)).matches({"severity": ours}) is ((severity == ours) is holds)


def test_a_severity_that_only_its_sender_knows_is_found_by_that_name() -> None:
    labels = {"severity": "medium", "sender_severity": "sev3"}
    assert Matcher.parse("severity=sev3").matches(labels)
    assert Matcher.parse("severity=warning").matches(labels)
    assert not Matcher.parse('severity!~"sev[0-9]"').matches(labels)
