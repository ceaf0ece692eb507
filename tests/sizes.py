"""Checks sizes: no file over 300 lines, no function over 60, the median under 10."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

MOST_LINES, MOST_FUNCTION, MEDIAN = 300, 60, 10


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.py"], capture_output=True, text=True)
    faults: list[str] = []
    lengths: list[int] = []
    for path in map(Path, listed.stdout.split()):
        text = path.read_text(encoding="utf-8")
        if (lines := text.count("\n")) > MOST_LINES and path.parts[0] != "tests":
            faults.append(f"{path}: {lines} lines, at most {MOST_LINES}")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and path.parts[0] != "tests":
                lengths.append(length := (node.end_lineno or 0) - node.lineno + 1)
                if length > MOST_FUNCTION:
                    faults.append(f"{path}:{node.lineno}: {node.name} has {length} lines, at most {MOST_FUNCTION}")
    if (median := statistics.median(lengths)) >= MEDIAN:
        faults.append(f"the median function has {median:.0f} lines, under {MEDIAN} is wanted")
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
