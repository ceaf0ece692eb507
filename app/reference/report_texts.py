"""The texts of reports, as handover and alarm load, read from the source of what writes them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REPORTS = Path(__file__).parents[2] / "web" / "reports"
# What people read: two words in a row, or a word beside a value. A name, a label or a format is one word.
TEXT = re.compile(r"[a-z]{2,},? [a-z]{2,}|[a-z]{2,}[,:;]? \{\}|\{\}[,:;]? \(?[a-z]{2,}", re.IGNORECASE)


def report_texts() -> Iterator[tuple[str, str]]:
    """(module, text) of each text; `{}` stands for a value."""
    for path in sorted(REPORTS.glob("*.py")):
        found = sorted(texts(ast.parse(path.read_text(encoding="utf-8"))))
        yield from ((path.name, text) for text in dict.fromkeys(text for _, text in found))


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of each text that is no docstring and no part of another text."""
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in inner:
            text = text_of(node)
            if TEXT.search(text) and "%s" not in text:  # a line for the log
                yield node.lineno, text


def text_of(node: ast.AST) -> str:
    """The words of a text in the code, with `{}` for each value; empty for anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
