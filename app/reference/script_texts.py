"""The texts that the screen's scripts write in the browser, read from their source."""

import re
from collections.abc import Iterator
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "web" / "static" / "js"
# A comment, a regular expression, or the beginning of a string; whatever else stands between them is code.
_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|(?<=[(,=:!&|?{};\[]) ?/(?![/*])(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\\\n\[])+/[a-z]*|[\"'`]",
    re.DOTALL,
)
# What a person reads has a word of letters beside another word or beside a value.
_TEXT = re.compile(r"[A-Za-z]{2,}[,.:;)]? \(?[A-Za-z{]|\}[,:;]? \(?[a-z]{2,}")
# Selectors, media types, class names and the like.
_CODE = re.compile(
    r"[<>#=\[\]]|^\W*\.|application/|^(?=.*-)[a-z -]+$|px|^[Mm] ?\{|^input|^\(prefers-"
    r"|isolated$|^use strict$|^chip |^cell "
)


def script_texts() -> Iterator[tuple[str, str]]:
    """(script, text) of each text; `{}` stands for a value."""
    for path in sorted(SCRIPTS.glob("*.js")):
        for text in dict.fromkeys(strings(path.read_text(encoding="utf-8"))):
            if _TEXT.search(text) and not _CODE.search(text):
                yield path.name, text


def strings(source: str) -> Iterator[str]:
    r"""Each string literal of a script, also those inside the values of another one.

    >>> list(strings('say("no data"); // "a comment"\nsay(`${n} of ${`${all} beds`}`); x = /"/;'))
    ['no data', '{} beds', '{} of {}']
    """
    at = 0
    while token := _TOKEN.search(source, at):
        at = token.end()
        if token[0] in "\"'`":
            inner, text, at = _literal(source, at, token[0])
            for code in inner:
                yield from strings(code)
            yield text


def _literal(source: str, at: int, quote: str) -> tuple[list[str], str, int]:
    """The code inside a literal that begins at `at`, its text, and where it ends."""
    inner, text = [], ""
    while source[at] != quote:
        if quote == "`" and source.startswith("${", at):
            end = _closing(source, at + 2)
            inner.append(source[at + 2 : end])
            text, at = text + "{}", end + 1
        elif source[at] == "\\":
            text, at = text + source[at + 1], at + 2
        else:
            text, at = text + source[at], at + 1
    return inner, text, at + 1


def _closing(source: str, at: int) -> int:
    """Where the brace is that closes the one before `at`."""
    depth = 1
    while True:
        if source[at] in "\"'`":
            at = _literal(source, at + 1, source[at])[2]
            continue
        depth += {"{": 1, "}": -1}.get(source[at], 0)
        if not depth:
            return at
        at += 1
