"""The index of decisions lists each decision once, with its title and in the order of the numbers."""

import re

from tests.docs.pages import ROOT

FOLDER = ROOT / "docs" / "decisions"


def test_the_index_lists_each_decision_with_its_title() -> None:
    titles = []
    for page in sorted(FOLDER.glob("[0-9]*.md")):
        number, _, title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").partition(" ")
        assert page.name.startswith(f"{number}-"), page.name
        titles.append((number, title, page.name))
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (\d{3}) \| \[(.*)\]\((.*)\) \|$", index, re.MULTILINE) == titles
