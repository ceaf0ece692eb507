"""docs/guarantees.md has exactly the promises that tests hold, and says when and where it was made."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.docs.pages import README, ROOT, text
from tests.guarantees.page import DOCUMENT, rows_of


@cache
def marked() -> list[tuple[str, str]]:
    """Promise and test of each marker `guarantee` in the tests."""
    return list(_marked())


def _marked() -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        source = file.read_text(encoding="utf-8")
        if "mark.guarantee" in source:
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    for promise in _promises(node):
                        yield promise, f"{file.relative_to(ROOT).as_posix()}::{node.name}"


def _promises(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.guarantee":
            yield ast.literal_eval(decorator.args[0])


def test_the_page_has_the_promises_of_the_tests_and_no_others() -> None:
    """`make guarantees` writes the page anew."""
    stated = {(promise.replace(r"\|", "|"), test) for promise, test in rows_of(text(DOCUMENT))}
    assert stated == set(marked())


def test_each_promise_is_a_sentence_and_stands_once() -> None:
    promises = [promise for promise, _ in marked()]
    assert [promise for promise in promises if not re.fullmatch(r"[A-Z`\d].*\.", promise)] == []
    assert sorted(promises) == sorted(set(promises))


def test_the_page_names_its_date_seed_and_machine() -> None:
    assert re.search(r"^Run on \d{4}-\d\d-\d\d with seed \d+ on \d+ cores, .*Python 3", text(DOCUMENT), re.MULTILINE)


def test_the_tests_that_the_readme_names_hold_promises_of_the_page() -> None:
    found = re.search(r"<!-- guarantees -->\n(.*?)<!-- /guarantees -->", text(README), re.DOTALL)
    assert found is not None
    named = set(re.findall(r"`(tests/[^`]+)`", found[1]))
    assert named <= {test for _, test in marked()}
