"""No checked-in file names the machine it was written on, or a host that a user would not expect."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, tracked

# Homes and working folders of a machine. Put together here, so that this file does not find itself.
FOLDERS = re.compile("|".join(f"(?<![\\w.>}}-])/{name}/" for name in ("work", "root", r"home/\w+", r"Users/\w+")))
HOST = re.compile(r"\b[a-z][a-z0-9+.-]*://(?:[^\s/@\"'<>]*@)?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
# Names that can never be anybody's (RFC 2606, RFC 6761, private networks), and those our examples made up.
NOBODYS = re.compile(
    r"(127|10)\.\d+\.\d+\.\d+|0\.0\.0\.0|192\.0\.2\.\d+|(.*\.)?(test|example|invalid|localhost)|example\.\w+"
    r"|broker\.(ward|hospital)"
)
# Where a reader may want to look something up, or a file format has its name.
READ = {
    "github.com", "keepachangelog.com", "loinc.org", "maven.apache.org", "physionet.org", "ucum.org", "www.w3.org",
}  # fmt: skip
# A folder of wheels beside the lock file is no index.
INDEX = re.compile(r"--(extra-)?index-url|--find-links(?! \S*wheel)|--trusted-host|<repository>|<mirror>")


def hits(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return [(name, hit.group(0)) for name, text in tracked().items() for hit in pattern.finditer(text)]


def test_nothing_checked_in_is_a_link_to_somewhere_else() -> None:
    asked = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert [line for line in asked.stdout.splitlines() if line.startswith("120000")] == []


def test_no_path_of_a_machine_is_checked_in() -> None:
    assert hits(FOLDERS) == []


def test_no_host_is_named_that_a_user_would_not_expect() -> None:
    found = {(name, hit.group(1)) for name, text in tracked().items() for hit in HOST.finditer(text)}
    assert {(name, host) for name, host in found if host not in READ and not NOBODYS.fullmatch(host)} == set()


def test_no_package_index_is_prescribed() -> None:
    here = Path(__file__).relative_to(ROOT).as_posix()
    assert [hit for hit in hits(INDEX) if hit[0] != here] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("see /wo" + "rk/wt/x", True), ("cd /ro" + "ot/x", True), ("/ho" + "me/ada/x", True),
        ("<root>/work/x", False), ("net/work/", False), ("at work/rest", False),
    ],
)  # fmt: skip
def test_a_folder_of_a_machine_is_known_when_it_is_seen(line: str, found: bool) -> None:
    assert bool(FOLDERS.search(line)) == found
