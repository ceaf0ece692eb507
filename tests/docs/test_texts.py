"""docs/texts.md has every text that people read, and no text is built outside its table."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from app.reference.report_texts import TEXT, report_texts, text_of, texts
from app.reference.script_texts import SCRIPTS, script_texts, strings
from app.reference.template_texts import nodes, template_texts
from app.reference.texts import PACKAGES, all_templates, page
from tests.docs.pages import ROOT
from ward.end_text import ENDS
from ward.finding import EndReason

# Where every text comes from a template; what is added here loses its last text that is built elsewhere.
ROOMS = (
    "detectors/*.py", "detectors/base/texts.py", "detectors/engine/*.py", "alerts/text/*.py",
    "alerts/self_monitoring/*.py", "web/board/*.py", "web/presentation/*.py",
)  # fmt: skip
# Calls whose texts are for developers or for logs.
OTHER_CALLS = {"Field", "Query", "ValueError", "warning", "error", "info", "exception"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_the_page_is_current() -> None:
    assert (ROOT / "docs" / "texts.md").read_text(encoding="utf-8") == page(), (
        "write it anew: python -m app.reference.texts"
    )


def test_no_text_is_built_outside_the_table() -> None:
    files = [file for room in ROOMS for file in sorted(ROOT.glob(room))]
    found = [f"{file.relative_to(ROOT)}:{place}" for file in files for place in texts_in(file.read_text("utf-8"))]

    assert len(files) > 15
    assert not found, "make it a TextTemplate (ward/text_template.py):\n" + "\n".join(found)


def test_every_refusal_of_the_api_is_one_of_the_table() -> None:
    files = [*sorted((ROOT / "web" / "api").glob("*.py")), ROOT / "web" / "app.py", ROOT / "web" / "guard.py"]
    made = [(file, call) for file in files for call in errors_in(file.read_text("utf-8"))]
    found = [f"{file.name}:{call.lineno}" for file, call in made if not from_the_table(call.args[1])]

    observations = (ROOT / "ward" / "observation.py").read_text("utf-8")
    found += [str(call.lineno) for call in errors_in(observations, "ObservationRefused") if not template(call.args[0])]
    assert len(made) > 50
    assert not found, "take a sentence of web/api/refusals.py:\n" + "\n".join(found)


def test_a_refusal_that_is_written_where_it_is_raised_is_found() -> None:
    errors = errors_in('ApiError(400, f"no {x}")\nApiError(404, refusals.NO_BED(id=x))\nApiError(409, f"{x}", y=1)\n')
    assert [from_the_table(error.args[1]) for error in errors] == [False, True, False]


def test_every_end_is_said_in_the_same_words_by_messages_and_by_the_screen() -> None:
    script = (SCRIPTS / "format.js").read_text(encoding="utf-8")
    table = re.search(r"const ENDS = \{(.*?)\};", script, re.DOTALL)
    assert table
    found = [text for text in strings(table[1]) if text not in {str(end) for end in EndReason}]
    assert found == list(ENDS.values())


def test_a_text_of_a_script_is_on_the_page_also_inside_another_one() -> None:
    source = """// no "comment"\nif (/["']/.test(x)) say('it\\'s', `${n} of ${n > 1 ? `${all} beds` : "one bed"}`);"""
    assert list(strings(source)) == ["it's", "{} beds", "one bed", "{} of {}"]
    assert ("feed.js", "The server does not answer.") in set(script_texts())


def test_each_sentence_of_a_script_is_on_the_page() -> None:
    """Four words in a row are one, whatever signs stand between the others."""
    sentence = re.compile(r"([A-Za-z]+[,:;]? ){3}[A-Za-z]+")
    sources = [path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js")]
    found = {text for source in sources for text in strings(source) if sentence.search(text)}
    assert len(found) > 40
    assert found - {text for _, text in script_texts()} == set()


def test_a_text_of_a_page_is_on_the_page_also_one_that_is_only_heard() -> None:
    source = (
        '{% block data %}data-x="no"{% endblock %}<script>let a = "no text";</script><b aria-label="All keys">?</b>'
        "<p>Since <i>{{ x }}</i> {# no #}of {{ y }}</p>"
    )
    assert list(nodes(source)) == ["All keys", "Since", "of {}"]
    assert ("base.html", "Do not rely on this screen: go to the bed.") in set(template_texts())


def test_a_text_of_a_report_is_on_the_page() -> None:
    source = '"""Of a module."""\nA = f"{x} alarms ({y})"\ndef f():\n    "Of it."\n    return "No value is known"\n'
    tree = ast.parse(source)
    assert [text for _, text in texts(tree)] == ["{} alarms ({})", "No value is known"]
    assert ("handover.py", "Nothing newer than {} is known.") in set(report_texts())


def test_a_text_in_a_function_is_found() -> None:
    assert list(texts_in('def f(x):\n    return f"{x} rises fast"\n')) == ["2: '{} rises fast'"]
    assert list(texts_in('def f(x):\n    return f"for {x}"\n')) == ["2: 'for {}'"]
    assert list(texts_in('def f(x):\n    return f"{x}: {x}"\n')) == []
    assert list(texts_in('def f(x):\n    "Raises a flag."\n    raise ValueError(f"{x} is not known")\n')) == []
    assert list(texts_in('A = TextTemplate(ALERT, "{x} rises fast", x="1")\n')) == []


def test_each_template_is_used() -> None:
    """Its name stands once more in its own module, or in one that names this module too."""
    files = {
        file.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): file.read_text(encoding="utf-8")
        for package in (*PACKAGES, "app") for file in (ROOT / package).rglob("*.py")
    }  # fmt: skip
    words = {module: Counter(re.findall(r"\w+", source)) for module, source in files.items()}
    assert not [each for each in all_templates() if not used(each, words)]


def used(template: str, words: Mapping[str, Counter[str]]) -> bool:
    module, name = template.split(" ")[0].rsplit(".", 1)
    file = module.rpartition(".")[2]
    return words[module][name] > 1 or any(of[name] and of[file] for where, of in words.items() if where != module)


@pytest.mark.parametrize("name", all_templates())
def test_a_template_has_an_example_of_each_of_its_fields_and_of_no_other(name: str) -> None:
    template = all_templates()[name]

    assert set(re.findall(r"\{(\w+)\}", template.text)) <= set(template.fields)
    assert template.pattern.fullmatch(template.example)
    assert not re.search(r"\{\w*\}", template.example)
    assert template.example == template.example.strip() or template.kind.name == "NOTE"


def test_a_priority_is_called_one() -> None:
    """LOW, MEDIUM or HIGH alone may be read as that of a value."""
    for name, template in all_templates().items():
        for word in re.finditer(r"\b(LOW|MEDIUM|HIGH)\b(?! priority)", template.example):
            raise AssertionError(f"{name}: {word[0]} without the word priority: {template.example}")


def texts_in(source: str) -> Iterator[str]:
    """`line: text` of each text in a function that is not the argument of one of OTHER_CALLS; fields are `{}`."""
    for function in (node for node in ast.walk(ast.parse(source)) if isinstance(node, _FUNCTIONS)):
        allowed = {id(part) for call in _other_calls(function) for part in ast.walk(call)}
        allowed |= {id(node.value) for node in ast.walk(function) if isinstance(node, ast.Expr)}  # docstrings
        made = [call for call in ast.walk(function) if isinstance(call, ast.Call) and _name(call) == "TextTemplate"]
        allowed |= {id(example.value) for call in made for example in call.keywords}
        for node in ast.walk(function):
            if isinstance(node, ast.JoinedStr):
                allowed |= {id(part) for part in node.values}
            text = "" if id(node) in allowed else text_of(node)
            if isinstance(node, ast.expr) and TEXT.search(text):
                yield f"{node.lineno}: {text!r}"


def _other_calls(function: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and _name(node) in OTHER_CALLS:
            yield node


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else str(getattr(call.func, "attr", ""))


def errors_in(source: str, error: str = "ApiError") -> Iterator[ast.Call]:
    """Each `ApiError(...)`, or that of another error."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node) == error:
            yield node


def from_the_table(message: ast.expr) -> bool:
    """Whether a message is made by calling a template, or is that of an `ObservationRefused`, which has one."""
    return template(message) or (isinstance(message, ast.Attribute) and message.attr == "why")


def template(message: ast.expr) -> bool:
    """Whether a message is made by calling a template, in which case its fields are values, and no sentences."""
    return isinstance(message, ast.Call) and not any(TEXT.search(text_of(node)) for node in ast.walk(message))
