"""From a file's bytes to a `Document`."""

import errno
import re
from pathlib import Path

from ward.config.yaml.composer import MOST_DEPTH, Composer, Unreadable
from ward.config.yaml.document import Document, Position
from ward.config.yaml.fault import ConfigFault
from ward.ids import printable
from ward.regular_file import read_regular_file

MOST_BYTES = 1_000_000

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAB = re.compile(r"^ *\t", re.MULTILINE)


def read_document(file: Path, shown: str, most: int = MOST_BYTES) -> tuple[Document | None, list[ConfigFault]]:
    """The document in `file` and its faults; None where it cannot be read. `shown` is the file's name in faults, `most`
    the most bytes that it may have."""
    try:
        text = _text(file, most)
        composer = Composer(text)
        root = composer.root()
    except Unreadable as error:
        return None, [ConfigFault(shown, *error.place, error.message)]
    except OSError as error:
        return None, [ConfigFault(shown, 1, 1, f"cannot be read: {error.strerror or 'input error'}")]
    faults = [ConfigFault(shown, *place, message) for place, message in composer.faults]
    return Document(shown, root), faults


def _text(file: Path, most: int) -> str:
    """Raises `Unreadable` or `OSError`."""
    try:
        content = read_regular_file(file, most + 1)
    except FileNotFoundError:
        raise Unreadable((1, 1), "is missing") from None
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENXIO, errno.EISDIR):  # a pipe, a socket, a folder
            raise Unreadable((1, 1), "is not a file") from error
        raise
    if len(content) > most:
        size = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most // 1000} KB"
        raise Unreadable((1, 1), f"has more than {size}: no config file is that large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        raise Unreadable(_at(before, len(before)), "is not UTF-8 from here on: save the file as UTF-8") from error
    if found := _FORBIDDEN.search(text):
        raise Unreadable(_at(text, found.start()), f"holds a control character, {printable(found.group())}: remove it")
    if found := _TAB.search(text):
        raise Unreadable(_at(text, found.end() - 1), "is indented with a tab: YAML wants spaces")
    _check_depth(text)
    return text


def _at(text: str, offset: int) -> Position:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _check_depth(text: str) -> None:
    """Refuse deeply nested brackets before the scanner reads them, which takes quadratic time. Raises `Unreadable`."""
    depth = 0
    for found in re.finditer(r"[\[\]{}]", text):
        depth = depth + 1 if found.group() in "[{" else max(0, depth - 1)
        if depth > 10 * MOST_DEPTH:
            raise Unreadable(_at(text, found.start()), f"is nested deeper than {MOST_DEPTH} levels")
