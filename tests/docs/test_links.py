"""What a page links to exists: files, headings, images, tests."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, README, ROOT, prose, quoted, slug, text

_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_PLACES = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} - {
    "data",
    "dist",
    "secrets",
    "backups",
}
# Pages that have someone write a file: the file is not there.
_TOPIC = re.compile(r"ward/.*/(readings|status|ack|command|result)")
_HAVE_WRITTEN = re.compile(r"`((?:detectors|bridge/codecs|tests/tapes)/[\w./<>]+)`")


def links(page: Path) -> list[str]:
    found = [one or other for one, other in _LINK.findall(prose(page))]
    return [link for link in found if "://" not in link and not link.startswith("mailto:")]


def headings(page: Path) -> set[str]:
    return {slug(line) for line in re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target == ROOT or ROOT in target.parents, f"{link} leads out of the project"
        if anchor:
            assert anchor in headings(target), link


@pytest.mark.parametrize(
    "page",
    [README, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))],
    ids=lambda page: page.name,
)
def test_a_path_in_a_sentence_exists(page: Path) -> None:
    to_write = set(_HAVE_WRITTEN.findall(text(page))) if page.name.startswith("adding-") else set()
    for said in set(quoted(page)) - to_write:
        if re.fullmatch(r"[\w.-]+/[\w./-]*", said) and said.split("/")[0] in _PLACES and not _TOPIC.fullmatch(said):
            assert (ROOT / said).exists(), said


def test_every_image_has_an_alternative_text() -> None:
    for words in re.findall(r"!\[(.*?)\]\(", text(README)) + re.findall(r"<img [^>]*alt=\"(.*?)\"", text(README)):
        assert len(words) > 10
    assert len(re.findall(r"docs/screenshots/[\w-]+\.png", text(README))) >= 4


def test_each_guarantee_names_tests_that_exist() -> None:
    found = re.search(r"<!-- guarantees -->\n(.*?)<!-- /guarantees -->", text(README), re.DOTALL)
    assert found is not None
    rows = [line.split("|") for line in found[1].splitlines() if re.match(r"\| \d", line)]
    assert [int(row[1]) for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    for row in rows:
        tests = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row[3])
        assert tests, row[2]
        for file, name in tests:
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_the_page_about_kills_is_not_empty_of_kills() -> None:
    """At least four of the guarantees are held by tests that kill processes of ours, or engines."""
    rows = re.findall(r"^\| \d \|.*tests/faults/test_kills\.py::", text(README), re.MULTILINE)
    assert len(rows) >= 4


@pytest.mark.parametrize("name", ["rehearsal", "benchmarks"])
def test_the_places_for_what_commands_write_are_there_once(name: str) -> None:
    assert text(README).count(f"<!-- {name} -->\n") == 1
    assert text(README).count(f"<!-- /{name} -->\n") == 1
