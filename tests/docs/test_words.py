"""A word that decision 131 retired does not come back: not in code, tests, docs, config or dashboards."""

import re
from pathlib import Path

from tests.docs.pages import ROOT, blocks, tracked

DECISION = ROOT / "docs" / "decisions" / "131-words-of-the-field.md"
_LISTS = blocks(DECISION, "text")
WORDS, MODULES = frozenset(_LISTS[0].split()), frozenset(_LISTS[1].split())
PHRASES, CLASSES = _LISTS[2].splitlines(), frozenset(_LISTS[3].split())
# The past may use its own words. Lock files and recordings have other people's.
_EXCEPT = {"CHANGELOG.md", "tests/docs/test_words.py", DECISION.relative_to(ROOT).as_posix()}
_OTHERS = ("requirements/", "simulators/recordings/")
# protoc names what it writes after sparkplug.proto.
_GENERATED = {"bridge/sparkplug/sparkplug_pb2.py", "bridge/sparkplug/sparkplug_pb2.pyi"}
_CLASS = re.compile(r"^\s*class (\w+)", re.MULTILINE)
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def ours() -> dict[str, str]:
    return {name: text for name, text in tracked().items() if name not in _EXCEPT and not name.startswith(_OTHERS)}


def retired_in(line: str) -> set[str]:
    """The retired words of a line; names are taken apart at capitals and underscores."""
    return {part.lower() for part in _PARTS.findall(line)} & WORDS


def test_a_retired_word_is_found_alone_and_inside_a_name() -> None:
    assert retired_in("nobody was told") == {"told"}
    assert retired_in("def told_at(self)") == {"told"}
    assert retired_in("class HouseHold(Desk):") == {"house", "desk"}
    assert retired_in("a warehouse foretold; labels, trunkless") == set()


def test_retired_words_stand_nowhere() -> None:
    found = [f"{name}:{n}: {', '.join(sorted(words))}" for name, text in ours().items()
             for n, line in enumerate(text.splitlines(), 1) if (words := retired_in(line))]  # fmt: skip
    assert not found, f"{len(found)} lines use retired words:\n" + "\n".join(found[:40])


def test_no_module_has_a_retired_name() -> None:
    named = {
        name for name in ours() if {Path(part).stem for part in Path(name).parts} & MODULES and name.endswith(".py")
    }
    assert not named


def test_no_class_has_a_retired_name() -> None:
    assert len(CLASSES) > 20
    classes = [(name, of) for name, text in ours().items() if name.endswith(".py") for of in _CLASS.findall(text)]
    assert len(classes) > 100
    assert [(name, of) for name, of in classes if of in CLASSES] == []


def repeats_its_folder(path: Path) -> bool:
    """Whether a name begins with that of its folder: `engine/engine_result.py` is `engine/result.py`."""
    return path.stem.startswith(f"{path.parent.name.rstrip('s')}_") and path.parent.name != ""


def test_a_name_that_repeats_its_folder_is_found() -> None:
    for name in ("detectors/engine/engine_result.py", "app/backtests/backtest_run.py", "app/engine/engine_parts"):
        assert repeats_its_folder(Path(name))
    for name in ("_private.py", "simulators/faults/device_fault.py", "detectors/engine/engine.py", "web/website.py"):
        assert not repeats_its_folder(Path(name))


def test_no_file_or_folder_repeats_the_name_of_its_folder() -> None:
    names = {Path(name) for name in ours() if not name.startswith("tests/")}
    with_folders = names | {folder for name in names for folder in name.parents}
    assert {path.as_posix() for path in with_folders if repeats_its_folder(path)} == _GENERATED


def test_riddles_stand_nowhere() -> None:
    assert len(PHRASES) > 10
    assert [(name, phrase) for name, text in ours().items() for phrase in PHRASES if phrase in text] == []
