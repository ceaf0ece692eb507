"""From bytes to a document: what is read, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from ward.config.yaml.composer import MOST_VALUES, scalar
from ward.config.yaml.reader import MOST_BYTES, read_document


def faults_of(tmp_path: Path, content: bytes) -> list[str]:
    file = tmp_path / "x.yaml"
    file.write_bytes(content)
    return [str(fault) for fault in read_document(file, "x.yaml")[1]]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a: \xff", "x.yaml:1:4: is not UTF-8 from here on: save the file as UTF-8"),
        ("ä: 1\nü: ".encode() + b"\xe4\n", "x.yaml:2:4: is not UTF-8 from here on: save the file as UTF-8"),
        (b"a: 1\nb: \x00", "x.yaml:2:4: holds a control character, \\x00: remove it"),
        (b"a: \x1b[31m", "x.yaml:1:4: holds a control character, \\x1b: remove it"),
        (b"a:\n\tb: 1", "x.yaml:2:1: is indented with a tab: YAML wants spaces"),
        (b"a: 1\n" + b"#" * MOST_BYTES, "x.yaml:1:1: has more than 1 MB: no config file is that large"),
        (b"x" * 10_000_000, "x.yaml:1:1: has more than 1 MB: no config file is that large"),
        (b"[" * 900_000, "x.yaml:1:301: is nested deeper than 30 levels"),
        (b"a: " + b"{a: " * 900, "x.yaml:1:1204: is nested deeper than 30 levels"),
        (b"a: " + b"[" * 31 + b"]" * 31, "x.yaml:1:34: is nested deeper than 30 levels"),
        (b"- " * 40 + b"a", "x.yaml:1:63: is nested deeper than 30 levels"),
        (
            b"- a\n" * MOST_VALUES,
            "x.yaml:50000:3: comes to more than 50000 values, its aliases written out",
        ),
        (b"[a, b]: c", "x.yaml:1:1: a key is plain text here"),
        (b'a: "\\ud800"', "x.yaml:1:7: is not YAML: found invalid Unicode character escape code"),
    ],
)  # fmt: skip
def test_invalid_content_is_refused_with_its_place(tmp_path: Path, content: bytes, fault: str) -> None:
    assert faults_of(tmp_path, content) == [fault]


def test_a_directory_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    assert [str(f) for f in read_document(tmp_path / "none", "none")[1]] == ["none:1:1: is missing"]
    assert [str(f) for f in read_document(tmp_path / "folder", "folder")[1]] == ["folder:1:1: is not a file"]
    assert len(read_document(tmp_path / "loop", "loop")[1]) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("true", True), ("False", False), ("yes", "yes"), ("no", "no"),
        ("on", "on"), ("12", 12), ("-3", -3), ("+4", 4), ("0", 0), ("007", "007"), ("00.5", "00.5"),
        ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0),
        ("08:30", "08:30"), ("1_000", "1_000"), ("0x10", "0x10"), (".inf", ".inf"), (".nan", ".nan"),
        ("1e999", "1e999"), ("9" * 30, "9" * 30), ("2026-11-21", "2026-11-21"), ("8867-4", "8867-4"),
    ],
)  # fmt: skip
def test_unquoted_text_is_read_by_the_yaml_1_2_core_schema(text: str, value: Any) -> None:
    found = scalar(text)

    assert found == value
    assert type(found) is type(value)


def test_quoted_text_and_keys_are_always_text(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("'12': \"12\"\n13: ['true', \"\"]\nyes: null\n", encoding="utf-8")
    document, faults = read_document(file, "x.yaml")

    assert faults == []
    assert document is not None
    assert document.data() == {"12": "12", "13": ["true", ""], "yes": None}


def test_a_byte_order_mark_is_not_part_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    document, faults = read_document(file, "x.yaml")

    assert faults == []
    assert document is not None
    assert document.place(("a",), key=True) == (1, 1)


def test_places_count_lines_and_columns_from_one_in_characters(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("# Ä\nä: {ö: [1, 22], ü: é}\nb:\n  - c: 3\n", encoding="utf-8")
    document, _ = read_document(file, "x.yaml")

    assert document is not None
    assert document.place(("ä", "ö", 1)) == (2, 12)
    assert document.place(("ä", "ü"), key=True) == (2, 17)
    assert document.place(("b", 0, "c")) == (4, 8)
    assert document.place(("b", 0, "not there")) == (4, 5)
    assert document.place(("b", 7)) == (3, 1)


def test_an_alias_has_the_value_of_its_anchor_and_counts_each_time(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: &x {b: [1, 2]}\nc: *x\nd: *x\n", encoding="utf-8")
    document, faults = read_document(file, "x.yaml")

    assert faults == []
    assert document is not None
    assert document.data() == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": {"b": [1, 2]}}
    assert document.root.size == 1 + 3 * 4
