"""Regular expressions from outside, on RE2: the syntax of Alertmanager, and time linear in the text."""

from functools import lru_cache

import re2

from ward.ids import printable

# Bounds the compiled program of an expression, and with it the steps for each character.
MAX_MEMORY = 1 << 18
MOST_INSTRUCTIONS = 4000


# Each step of `alerts` matches the same texts again.
@lru_cache(maxsize=1 << 16)
def full_match(pattern: str, text: str) -> bool:
    """Whether the expression matches the whole text. Raises `ValueError` as `check_pattern`."""
    try:
        return _compiled(pattern).fullmatch(text) is not None
    except UnicodeEncodeError:  # a lone surrogate, which no label of an accepted alert has
        return False


def check_pattern(pattern: str) -> None:
    """Raises `ValueError` for an expression that RE2 does not know, and for one that is too expensive."""
    _compiled(pattern)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> "re2._Regexp":
    try:
        compiled = re2.compile(pattern, _OPTIONS)
    except (re2.error, UnicodeEncodeError) as error:
        raise ValueError(f"not a regular expression: {printable(pattern)}: {_words(error)}") from error
    if compiled.programsize > MOST_INSTRUCTIONS:
        raise ValueError(f"too expensive: {printable(pattern)}: {compiled.programsize} steps for each character")
    return compiled


def _words(error: Exception) -> str:
    cause = error.args[0] if isinstance(error, re2.error) else "a lone surrogate"
    return printable(cause.decode("utf-8", "replace") if isinstance(cause, bytes) else str(cause))


def _options() -> "re2.Options":
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MAX_MEMORY
    return options


_OPTIONS = _options()
