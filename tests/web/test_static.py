"""Static files: nothing from other sites, nothing inline, no text parsed as HTML."""

import dataclasses
import re
from pathlib import Path

import pytest

from tests.web.scene import Scene, hospital

WEB = Path(__file__).parents[2] / "web"
SCRIPTS = sorted((WEB / "static" / "js").glob("*.js"))
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
PAGES = ["/", "/ward/icu", "/bed/icu-01", "/imaging", "/alerts", "/pipeline", "/mail", "/docs", "/nothing"]


@pytest.mark.parametrize("path", [*SCRIPTS, *TEMPLATES, *(WEB / "static" / "css").glob("*.css")], ids=lambda p: p.name)
def test_no_page_loads_anything_from_another_site(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|@import|//cdn", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_no_script_parses_text_as_html(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|setHTML|srcdoc", text
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_no_script_and_no_style_is_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|javascript:|\|\s*safe", text)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_links_exists(quiet: Scene, page: str) -> None:
    html = quiet.http.get(page, headers={"accept": "text/html"}).text
    names = re.findall(r'(?:src|href)="(/static/[^"#]+)"', html)
    assert names
    for name in names:
        assert quiet.http.get(name).status_code == 200, name


@pytest.mark.parametrize("page", [page for page in PAGES if page != "/docs"])
def test_every_page_has_the_frozen_overlay_and_the_word_advisory(quiet: Scene, page: str) -> None:
    html = quiet.http.get(page, headers={"accept": "text/html"}).text
    assert 'id="frozen"' in html
    assert "FROZEN since" in html
    assert "never the only alarm" in html


@pytest.mark.parametrize("page", ["/", "/bed/icu-01", "/alerts", "/nothing"])
def test_every_page_has_the_zone_of_the_site(tmp_path: Path, page: str) -> None:
    config = hospital()
    alerting = config.alerting.model_copy(update={"timezone": "Asia/Kolkata"})
    scene = Scene(tmp_path, dataclasses.replace(config, alerting=alerting))
    html = scene.http.get(page, headers={"accept": "text/html"}).text
    scene.close()
    assert 'data-zone="Asia/Kolkata"' in html
    assert 'title="Asia/Kolkata"' in html
    assert "UTC" not in html


def test_the_frozen_overlay_appears_without_a_script_after_ten_seconds() -> None:
    css = (WEB / "static" / "css" / "frozen.css").read_text(encoding="utf-8")
    assert re.search(r"animation: frozen-a 1ms linear 10s forwards", css)
    for name in ("frozen-a", "frozen-b"):
        assert f"@keyframes {name} {{ to {{ visibility: visible; }} }}" in css


def test_every_imported_module_exists() -> None:
    for path in SCRIPTS:
        for name in re.findall(r'from "\./([\w.]+)"', path.read_text(encoding="utf-8")):
            assert (path.parent / name).exists(), (path.name, name)


def test_every_icon_in_use_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'symbol id="(\w+)"', (WEB / "static" / "icons.svg").read_text(encoding="utf-8")))
    texts = (WEB / "static" / "js" / "format.js").read_text(encoding="utf-8")
    named = set(re.findall(r':\s*\["(\w+)", "', texts[texts.index("PRIORITIES") :]))
    for path in SCRIPTS:
        named |= set(re.findall(r'icon\("(\w+)"\)', path.read_text(encoding="utf-8")))
    assert {"high", "medium", "low", "lost", "none", "ok", "empty", "acknowledged"} <= named <= drawn


def test_the_chart_library_is_vendored_with_its_licence() -> None:
    folder = WEB / "static" / "vendor" / "uplot"
    assert "MIT License" in (folder / "LICENSE").read_text(encoding="utf-8")
    assert (folder / "uPlot.iife.min.js").stat().st_size < 60_000
