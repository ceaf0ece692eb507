"""Files that are made here, checked in, and held against what would be made now."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "provisioning"


def differences(wanted: Mapping[str, str], rooms: Collection[str], folder: Path) -> Iterator[str]:
    """The files that are not as they would be made now: others, missing ones, and in `rooms` ones too many.

    `wanted` is text by path below `folder`; of its folders, `rooms` are those whose every file is made here.
    """
    for path, text in wanted.items():
        file = folder / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            yield path
    there = {
        file.relative_to(folder).as_posix() for room in rooms for file in (folder / room).rglob("*") if file.is_file()
    }
    yield from sorted(there - set(wanted))


def write(wanted: Mapping[str, str], rooms: Collection[str], folder: Path) -> list[str]:
    """Write all that differs and take away what is no more; tells which."""
    differs = list(differences(wanted, rooms, folder))
    for path in differs:
        if path in wanted:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(wanted[path], encoding="utf-8")
        else:
            (folder / path).unlink()
    return differs
