"""The Dockerfile, and what of the checkout gets into the image: no compiler, no installer, no rights, no secret."""

import json
import re

from app.settings.settings import Settings
from tests.deploy.files import COMPOSE, DOCKERFILE, ROOT, ours

BUILD, LAST = (part.replace("\\\n", " ") for part in DOCKERFILE.split("\nFROM ${BASE}")[1:])
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
# All that the last stage does: what installs or compiles something is none of it.
RUNS = {"groupadd", "useradd", "install"}


def words(stage: str, word: str) -> list[str]:
    return re.findall(rf"^{word} (.*)$", stage, re.MULTILINE)


def environment() -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(words(LAST, "ENV"))))


def test_there_are_two_stages_and_the_last_starts_from_the_base() -> None:
    assert len(re.findall(r"^FROM ", DOCKERFILE, re.MULTILINE)) == 2
    assert BUILD.startswith(" AS build\n")
    assert LAST.startswith("\n")
    (base,) = re.findall(r"^ARG BASE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", base)
    assert f"BASE:-{base}}}" in COMPOSE
    assert f"\nBASE := {base}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_last_stage_copies_only_the_installation() -> None:
    assert words(LAST, "COPY") == ["--from=build /opt/wardwatch /opt/wardwatch", "config /config"]
    commands = [part.split()[0] for run in words(LAST, "RUN") for part in re.split(r"&&|\|\||;", run)]
    assert set(commands) == RUNS


def test_every_installation_is_offline_and_third_party_packages_have_hashes() -> None:
    installs = [
        part for run in words(BUILD, "RUN") for part in run.split("&&") if "pip" in part and " install " in part
    ]
    theirs, own = (set(command.split()) for command in installs)
    assert {"--no-index", "--no-deps", "--require-hashes", "wheelhouse", "requirements/run.txt"} <= theirs
    assert {"--no-index", "--no-deps", "--no-build-isolation", "."} <= own
    assert words(BUILD, "COPY") == ["requirements/run.txt requirements/", "dist/wheelhouse wheelhouse", ". ."]
    assert "uninstall --yes setuptools pip" in BUILD


def test_the_user_of_the_image_is_the_user_of_compose() -> None:
    (user,) = words(LAST, "USER")
    number, _, group = user.partition(":")
    assert f"useradd --system --uid {number} --gid {group} " in LAST
    assert f"groupadd --system --gid {group} " in LAST
    assert {entry["user"] for entry in ours().values()} == {user}
    for folder in ("/data", "/shared"):
        assert re.search(rf"install -d -o wardwatch -g wardwatch -m 07[05]{{2}} {folder}\b", LAST)


def test_the_entry_point_of_the_image_is_wardwatch() -> None:
    assert json.loads(words(LAST, "ENTRYPOINT")[0]) == ["wardwatch"]
    assert json.loads(words(LAST, "CMD")[0]) == ["--help"]
    assert words(LAST, "STOPSIGNAL") == ["SIGTERM"]
    variables = environment()
    assert variables["PATH"] == "/opt/wardwatch/bin:$PATH"
    assert "venv /opt/wardwatch" in BUILD


def test_the_files_and_ports_of_programs_fit_a_read_only_container() -> None:
    variables = environment()
    assert variables["WARDWATCH_HEALTH"].startswith("/tmp/")
    assert "/tmp:mode=1777" in ours()["bridge"]["tmpfs"][0]
    assert variables["WARDWATCH_DATA"] == "/data"
    assert variables["WARDWATCH_CONFIG"] == "/config"
    assert variables["WARDWATCH_HTTP_HOST"] == "0.0.0.0"
    assert variables["PYTHONDONTWRITEBYTECODE"] == "1"
    assert words(LAST, "EXPOSE") == [str(Settings.model_fields["http_port"].default)]


def test_the_build_context_has_only_the_named_files() -> None:
    assert next(line for line in IGNORED if not line.startswith("#")) == "*"
    kept = {line[1:] for line in IGNORED if line.startswith("!")}
    assert not {name for name in kept if name.startswith((".", "secrets", "data", "tests", "backups"))}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert {"pyproject.toml", *re.findall(r'^readme = "(.*)"', project, re.MULTILINE)} <= kept
    assert {"config", "requirements/run.txt", "dist/wheelhouse"} <= kept
    # Addresses and tokens of a laptop may stand in it.
    assert IGNORED.index("config/settings.yaml") > IGNORED.index("!config")
