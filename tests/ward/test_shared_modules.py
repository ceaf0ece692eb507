"""`ward` holds only what at least two of the other packages use; what only one of them uses belongs there."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("alerts", "app", "bridge", "detectors", "grafana", "influx", "rollups", "simulators", "web")
# Modules and packages of `ward` that stay there although `app` is the only package that imports them, and why.
USED_BY_APP_ALONE = {
    "ward.adapters": "app makes the adapters and passes them to all programs, which know only the ports",
    "ward.config": "app loads the config and passes it to all programs, which know only its models",
}


def module_name(path: Path) -> str:
    """`ward/ports/log.py` → `ward.ports.log`, `ward/ports/__init__.py` → `ward.ports`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> dict[str, Path]:
    """All modules of the product by name."""
    return {module_name(path): path for package in (*PACKAGES, "ward") for path in (ROOT / package).rglob("*.py")}


@cache
def imports() -> dict[str, set[str]]:
    """What each module imports of the product, wherever in the file."""
    known = modules()
    return {name: {found for found in _imported(path) if found in known} for name, path in known.items()}


def _imported(path: Path) -> set[str]:
    """All names that an import statement of a file could mean: `from a import b` is `a` and `a.b`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def users() -> dict[str, set[str]]:
    """Which packages import each module of `ward`, directly or through other modules of `ward`."""
    found = defaultdict(set)
    for name, direct in imports().items():
        package = name.split(".")[0]
        seen, waiting = set[str](), list(direct)
        while package != "ward" and waiting:
            module = waiting.pop()
            if module.startswith("ward") and module not in seen:
                seen.add(module)
                waiting += imports()[module]
        for module in seen:
            found[module].add(package)
    return found


def is_exempt(module: str, of: set[str]) -> bool:
    return of <= {"app"} and any(module == exempt or module.startswith(f"{exempt}.") for exempt in USED_BY_APP_ALONE)


def test_each_module_of_ward_is_used_by_two_packages() -> None:
    found = users()
    alone = {
        module: sorted(found[module])
        for module, path in modules().items()
        if module.split(".")[0] == "ward" and path.name != "__init__.py" and len(found[module]) < 2
    }
    assert {module: of for module, of in alone.items() if not is_exempt(module, set(of))} == {}


def test_each_exemption_is_still_needed() -> None:
    found = users()
    for exempt in USED_BY_APP_ALONE:
        assert any(found[module] == {"app"} for module in modules() if module.startswith(f"{exempt}."))
