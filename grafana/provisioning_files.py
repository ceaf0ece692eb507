"""Generated files: compare the files on disk with what would be generated now, and write what differs."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "provisioning"


def differences(wanted: Mapping[str, str], owned: Collection[str], folder: Path) -> Iterator[str]:
    """The paths of files that differ, are missing, or should not exist.

    `wanted` is the text of each file by its path below `folder`. Every file in the subfolders `owned` is generated:
    any other file there should not exist.
    """
    for path, text in wanted.items():
        file = folder / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            yield path
    files = (file for subfolder in owned for file in (folder / subfolder).rglob("*") if file.is_file())
    found = {file.relative_to(folder).as_posix() for file in files}
    yield from sorted(found - set(wanted))


def write(wanted: Mapping[str, str], owned: Collection[str], folder: Path) -> list[str]:
    """Write the files that differ and delete those that should not exist; returns their paths."""
    differs = list(differences(wanted, owned, folder))
    for path in differs:
        if path in wanted:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(wanted[path], encoding="utf-8")
        else:
            (folder / path).unlink()
    return differs
