"""The text of matchers as Alertmanager 0.28 reads it: by its classic parser, or else by its UTF-8 parser.

One thing is stricter: a value that may be meant as something else must be in quotes. It holds a comma, a brace or a
quote, or begins like an operator, or has an operator after a space.
"""

import re
from typing import NamedTuple


class ParsedMatcher(NamedTuple):
    """The parts of a matcher."""

    label: str
    op: str
    value: str


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


_SPACE = r"\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_BARE = re.compile(rf"[^{_SPACE}{{}}!=~,\\\"'`]+")
_TOKEN = re.compile(
    rf"(?P<space>[{_SPACE}]+)|(?P<open>\{{)|(?P<close>\}})|(?P<comma>,)|(?P<op>=~|!~|!=|=)"
    rf'|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>{_BARE.pattern})',
    re.DOTALL,
)
_CLASSIC = re.compile(
    r'\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|((?![=~!]|\S*\s.*[=~!])[^,{}"]*?))\s*',
    re.DOTALL | re.ASCII,
)
_CLASSIC_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[^",]+|[",]', re.DOTALL)
_CLASSIC_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
# What a backslash may begin in a string of Go.
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\\"])|(x[0-9a-fA-F]{2}|[0-3][0-7]{2})|(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))|[^\\\n]+"
)
MAX_RUNE = 0x10FFFF
_CHARACTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}


def read_matcher(text: str) -> ParsedMatcher:
    """The one matcher that `text` holds. Raises `ValueError` with the column of what is wrong."""
    try:
        return _classic(text)
    except ValueError:
        pass
    if text.strip()[:1] == "{":
        raise ValueError("column 1: braces around one matcher")
    found = _utf8(text)
    if len(found) != 1:
        raise ValueError(f"{len(found)} matchers instead of one")
    return found[0]


def read_matchers(text: str) -> list[ParsedMatcher]:
    """A list such as `{severity="high", ward=~"icu|hdu"}`, the braces may be missing. Raises `ValueError` likewise."""
    if not text.strip():
        raise ValueError("column 1: no matcher")
    try:
        return _classic_list(text)
    except ValueError:
        return _utf8(text)


def write_matcher(label: str, op: str, value: str) -> str:
    """A matcher as text that reads as the same matcher; a label is in quotes where it must be."""
    name = label if _BARE.fullmatch(label) else f'"{_escaped(label)}"'
    return f'{name}{op}"{_escaped(value)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _classic(text: str) -> ParsedMatcher:
    found = _CLASSIC.fullmatch(text)
    if found is None:
        raise ValueError("not a classic matcher")
    label, op, quoted, bare = found.groups()
    return ParsedMatcher(label, op, _CLASSIC_ESCAPE.sub(_unescaped, bare if quoted is None else quoted))


def _unescaped(found: re.Match[str]) -> str:
    """A backslash before any other character is itself: `"icu-\\d+"` is `icu-\\d+`."""
    return {"n": "\n", '"': '"', "\\": "\\"}.get(found[1], found[0])


def _classic_list(text: str) -> list[ParsedMatcher]:
    text = text.strip()
    if text[:1] == "{" and text[-1:] == "}":
        text = text[1:-1]
    parts = [""]
    for piece in _CLASSIC_PART.findall(text):
        if piece == ",":
            parts.append("")
        else:
            parts[-1] += piece
    if not parts[-1].strip():
        parts.pop()
    return [_classic(part) for part in parts]


def _utf8(text: str) -> list[ParsedMatcher]:
    tokens = _tokens(text)
    braces = tokens[0].kind == "open"
    if braces:
        tokens.pop(0)
    found: list[ParsedMatcher] = []
    while tokens[0].kind in ("quoted", "bare"):
        label, op, value = _take(tokens, "quoted", "bare"), _take(tokens, "op"), _take(tokens, "quoted", "bare")
        found.append(ParsedMatcher(_text(label), op.text, _text(value)))
        if tokens[0].kind != "comma":
            break
        tokens.pop(0)
    if braces:
        _take(tokens, "close")
    _take(tokens, "end")
    return found


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            what = "the closing quote is missing" if text[at] == '"' else f"unexpected {text[at]!r}"
            raise ValueError(f"column {at + 1}: {what}")
        if token.lastgroup and token.lastgroup != "space":
            found.append(_Token(token.lastgroup, token[token.lastgroup], at + 1))
        at = token.end()
    return [*found, _Token("end", "", len(text) + 1)]


_EXPECTED = {"op": "one of = != =~ !~", "close": "a comma or }", "end": "a comma or the end"}


def _take(tokens: list[_Token], *kinds: str) -> _Token:
    token = tokens[0]
    if token.kind not in kinds:
        got = "the end of the text" if token.kind == "end" else repr(token.text)
        raise ValueError(f"column {token.column}: {got} instead of {_EXPECTED.get(kinds[0], 'a name or value')}")
    return tokens.pop(0)


def _text(token: _Token) -> str:
    return token.text if token.kind == "bare" else _unquoted(token)


def _unquoted(token: _Token) -> str:
    found, at = bytearray(), 0
    while at < len(token.text):
        piece = _ESCAPE.match(token.text, at)
        if piece is None:
            raise ValueError(
                f"column {token.column + 1 + at}: {token.text[at : at + 2]!r} is no escape of a text in quotes"
            )
        found += _escape_bytes(piece)
        at = piece.end()
    try:
        return found.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"column {token.column}: not UTF-8") from error


def _escape_bytes(piece: re.Match[str]) -> bytes:
    character, byte, rune = piece.groups()
    if byte:
        return bytes([int(byte[1:], 16) if byte[0] == "x" else int(byte, 8)])
    if rune and int(rune[1:], 16) > MAX_RUNE:
        raise ValueError(f"{piece[0]} is no character")
    text = _CHARACTERS[character] if character else chr(int(rune[1:], 16)) if rune else piece[0]
    return text.encode("utf-8", "surrogatepass")
