"""docs/metrics.md has every metric, what it is, and what to do when it looks wrong; and each is counted somewhere."""

import re

from app.reference.metrics import DOCUMENT, names, with_tables
from tests.docs.pages import ROOT, text
from ward.metrics import Metrics

TEXT = text(ROOT / DOCUMENT)
PROGRAMS = ("bridge", "detectors", "alerts", "rollups", "web", "ward", "app")


def test_the_table_is_that_of_the_code() -> None:
    assert with_tables(TEXT) == TEXT, "write it anew: python -m app.reference.metrics"


def test_each_metric_is_in_the_table_with_words() -> None:
    rows = re.findall(r"^\| `(\w+)` \| \w+ \| .*? \| (.+) \|$", TEXT, re.MULTILINE)
    assert [name for name, _ in rows] == names()
    assert all(len(words) > 10 for _, words in rows)


def test_each_metric_has_what_to_do_when_it_looks_wrong_and_no_other_has() -> None:
    written = TEXT.partition("<!-- end -->")[2]
    assert sorted(re.findall(r"^- `(wardwatch_\w+)`", written, re.MULTILINE)) == sorted(names())


def test_what_is_published_is_what_is_documented() -> None:
    """The names in the exposition format; `_created` (a start time) belongs to its metric."""
    served = {name.partition("{")[0] for name in Metrics().samples()}
    assert {re.sub(r"_(count|sum)$", "", name) for name in served} <= set(names())


def test_each_metric_is_counted_somewhere() -> None:
    sources = [path for program in PROGRAMS for path in (ROOT / program).rglob("*.py") if path.name != "metrics.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    fields = [name for name, value in vars(Metrics()).items() if name != "registry"]
    assert [name for name in fields if not re.search(rf"metrics\.{name}\b(?!\()", code)] == []
