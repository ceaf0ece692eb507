"""The texts of the screen's pages, read from their templates."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
# Statements, comments, and the attributes that a page gives to the body of base.html.
_NOTHING = re.compile(r"\{% block data %\}.*?\{% endblock %\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{2,}")
_READ = ("aria-label", "title", "placeholder", "alt")  # attributes that people see or hear
_CODE = ("script", "style")


def template_texts() -> Iterator[tuple[str, str]]:
    """(template, text) of each text; `{}` stands for a value."""
    for path in sorted(TEMPLATES.glob("*.html")):
        yield from ((path.name, text) for text in dict.fromkeys(nodes(path.read_text(encoding="utf-8"))))


def nodes(source: str) -> Iterator[str]:
    """Each text of a template that has a word, also those of attributes, in their order.

    >>> list(nodes('<p title="{{ zone }} time">{% if x %}Alert since {{ since }}.{% endif %}<b>{{ x }}</b></p>'))
    ['{} time', 'Alert since {}.']
    """
    reader = _Reader()
    reader.feed(_VALUE.sub("{}", _NOTHING.sub("", source)))
    reader.close()
    texts = (" ".join(text.split()) for text in reader.found)
    return (text for text in texts if _WORD.search(text))


class _Reader(HTMLParser):
    """Collects texts: inside `script` and `style` there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code = tag in _CODE
        self.found += [value or "" for name, value in attrs if name in _READ]

    def handle_endtag(self, tag: str) -> None:
        self._code = False

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.found.append(data)
