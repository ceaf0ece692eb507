"""Makes the bundle for a machine without internet: everything that docs/install.md needs, in one archive with sums.

    python deploy/bundle.py --image wardwatch:0.1.0 dist/wardwatch-0.1.0.tar

In it: our image and the engines' (from the Docker engine of this machine, which is asked to fetch what it lacks), all
wheels with the lock file, our own wheel, config, dashboards, compose file, scripts, pages.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("docker-compose.yml", ".env.example", "requirements/run.txt", "README.md", "CHANGELOG.md")
FOLDERS = ("config", "deploy", "docs", "grafana/provisioning")
_IMAGE = re.compile(r"image: \$\{\w+:-([^}]+)\}")


def engines() -> list[str]:
    """The images that the compose file names, besides ours."""
    named = _IMAGE.findall((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return sorted({name for name in named if not name.startswith("wardwatch:")})


def run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)


def save(image: str, file: Path) -> None:
    """An image as an archive, fetched first where the engine does not have it."""
    if subprocess.run(["docker", "image", "inspect", image], capture_output=True).returncode:
        run("docker", "pull", image)
    run("docker", "save", "--output", str(file), image)


def gather(folder: Path, image: str, others: list[str], python: str, wheelhouse: Path) -> None:
    """All of it, as it is unpacked."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", "settings.yaml")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    run(sys.executable, "deploy/wheelhouse.py", "--python", python, str(wheelhouse))
    shutil.copytree(wheelhouse, folder / "wheels")
    with tempfile.TemporaryDirectory() as temporary:  # setuptools would leave its own files in the checkout
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
        source = Path(temporary) / "source"
        ignored = shutil.ignore_patterns(
            ".*", "dist", "data", "docs", "tests", "benchmarks", "build", "__pycache__", "*.egg-info"
        )
        shutil.copytree(ROOT, source, ignore=ignored)
        run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", f"--wheel-dir={folder}", str(source))
    (folder / "images").mkdir()
    (folder / "images" / "ours").write_text(f"{image}\n", encoding="utf-8")
    for name in (image, *others):
        save(name, folder / "images" / f"{re.sub(r'[^a-z0-9.]+', '-', name)}.tar")


def sums(folder: Path) -> None:
    """What `sha256sum --check` reads."""
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                lines.append(
                    f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.relative_to(folder).as_posix()}\n"
                )
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("--image", required=True, help="our image, as `make image` has made it")
    parser.add_argument("--engine", action="append", help="an engine's image, instead of those of the compose file")
    parser.add_argument("--python", default="3.12", help="the Python that the wheels are for")
    parser.add_argument("--wheelhouse", type=Path, default=ROOT / "dist" / "wheelhouse")
    given = parser.parse_args()
    given.archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.archive.parent) as folder:
        bundle = Path(folder) / given.archive.stem
        gather(bundle, given.image, engines() if given.engine is None else given.engine, given.python, given.wheelhouse)
        sums(bundle)
        with tarfile.open(given.archive, "w") as archive:
            archive.add(bundle, bundle.name)
    size = given.archive.stat().st_size / 1e6
    sys.stdout.write(
        f"{given.archive}: {size:,.0f} MB. On the other machine: tar -xf it, then sh deploy/install.sh FOLDER\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
