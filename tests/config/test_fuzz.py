"""Any content of the files gives a config or faults with places, and no other exception."""

import re
import tempfile
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.config_reader import NOW, VALID, checked, copied
from tests.kit.examples import examples
from ward.config.files import CONFIG_FILES
from ward.config.yaml.libyaml import parse_yaml

FILE = st.sampled_from(sorted(CONFIG_FILES))
LINE = re.compile(r".*?/?[a-z]+\.yaml:[1-9][0-9]*:[1-9][0-9]*: (warning: )?\S.*")
# Words of Python and its libraries, which no message about config may contain.
FOREIGN = re.compile(
    r"pydantic|Input should|NoneType|\bNone\b|\bTrue\b|\bFalse\b|\bdict\b|\btuple\b|\bstr\b|\bint\b|\bfloat\b|"
    r"\bbool\b|Traceback|Error\b|object at 0x|https://errors|\[type=|validation",
)
WORDS = st.sampled_from(
    ["wards", "beds", "device_kinds", "devices", "limits", "above", "below", "overrides", "where", "set", "until",
     "since", "heart_rate", "icu", "icu-01", "mon-1", "P-1", "rules", "detector", "drift", "severity", "channels",
     "urls", "route", "routes", "matchers", "receiver", "topics", "imaging", "loggers", "assignments", "stays",
     "signals", "high", "low", "medium", "for", "keep_firing_for", "15s", "2025-11-20", "severity=high", "ward=~(",
     "${A}", "json://x"]
)  # fmt: skip
SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), WORDS, st.text(max_size=8)
)  # fmt: skip
DATA = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


def flow(data: object) -> str:
    return str(yaml.safe_dump(data, default_flow_style=True, allow_unicode=True)).removesuffix("\n...\n")


def obey(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        directory = copied(VALID, Path(folder) / "config")
        (directory / name).write_bytes(content)
        shown = [str(fault).removeprefix(f"{directory.as_posix()}/") for fault in checked(directory)]
    for line in shown:
        assert LINE.fullmatch(line), line
        # Quoted text is from the files; only our own text is checked.
        own = re.sub(r"'(?:[^'\\]|\\.)*'|matchers?: .*|is not YAML: .*|unknown key .*|; known here: .*", "", line)
        assert not FOREIGN.search(own), line
        assert line.isprintable(), line


@settings(max_examples=examples(20, 100), deadline=None)
@given(FILE, st.binary(max_size=200))
def test_bytes_are_a_config_or_faults(name: str, content: bytes) -> None:
    obey(name, content)


@settings(max_examples=examples(20, 100), deadline=None)
@given(FILE, st.text("abc:-[]{}&*!|>'\"%@`,#?~ \n\t<=01.é", max_size=80))
def test_punctuation_is_a_config_or_faults(name: str, text: str) -> None:
    obey(name, text.encode())


@settings(max_examples=examples(20, 120), deadline=None)
@given(FILE, DATA)
def test_any_yaml_is_a_config_or_faults(name: str, data: object) -> None:
    obey(name, yaml.safe_dump(data, allow_unicode=True).encode("utf-8", "surrogatepass"))


@settings(max_examples=examples(33, 200), deadline=None)
@given(
    FILE, st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 12), st.one_of(DATA.map(flow), WORDS)), max_size=3)
)
def test_a_valid_file_with_parts_replaced_is_a_config_or_faults(name: str, edits: list[tuple[int, int, str]]) -> None:
    text = (VALID / name).read_text(encoding="utf-8")
    for start, length, put in edits:
        at = start % (len(text) + 1)
        text = text[:at] + put + text[at + length :]
    obey(name, text.encode("utf-8", "surrogatepass"))


@settings(max_examples=examples(20, 120), deadline=None)
@given(st.data())
def test_a_valid_file_with_values_replaced_is_a_config_or_faults(data: st.DataObject) -> None:
    name = data.draw(FILE)
    tree = parse_yaml((VALID / name).read_text(encoding="utf-8"))
    around, steps = tree, data.draw(st.integers(1, 5))
    for _ in range(steps):
        keys = list(around) if isinstance(around, dict) else list(range(len(around)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if not isinstance(around[key], dict | list) or data.draw(st.booleans()):
            around[key] = data.draw(DATA)
            break
        around = around[key]
    obey(name, yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode("utf-8", "surrogatepass"))


def test_faults_do_not_depend_on_the_time() -> None:
    assert checked(VALID, now=NOW) == checked(VALID, now=0)
