"""A headless Chromium, and a page that fails its test for any error on its console."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.engines.absent import absent
from tests.web.browser.stage import Stage
from tests.web.scene import Scene, mixed

_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
          "--disable-sync", "--no-first-run", "--disable-dev-shm-usage")  # fmt: skip


SOON = 20_000  # milliseconds: the longest wait for what comes at once, on a machine whose cores are busy
expect.set_options(timeout=SOON)
MISSING = {"hdu-04": {"spo2": float("nan")}, "hdu-08": {"temperature": float("nan")}}  # signals that stay lost


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Without one the tests are skipped on a laptop, and fail in CI."""
    path = os.environ.get("WARDWATCH_CHROMIUM") or shutil.which("chromium")
    if path is None:
        absent("no chromium here: apt-get install chromium, or name one in WARDWATCH_CHROMIUM")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        yield made
        made.close()


class PageErrors(list[str]):
    """Errors and warnings on the console of a page, errors of its scripts, and requests to other sites."""

    def watch(self, context: BrowserContext, own: str) -> None:
        def console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.append(message.text)

        def request(asked: Request) -> None:
            if not asked.url.startswith((own, "data:", "about:")):
                self.append(f"request to another site: {asked.url}")

        context.on("console", console)
        context.on("weberror", lambda error: self.append(str(error.error)))
        context.on("request", request)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Twenty beds in all states, with running time and new readings."""
    scene = Scene(tmp_path)
    mixed(scene, 5)
    steps = 0

    def script() -> None:
        nonlocal steps
        steps += 1
        if steps % 8 == 0:
            for bed in list(scene.live.config.inventory.beds)[:-1]:
                if bed != "icu-09":
                    scene.healthy(bed, **MISSING.get(bed, {}))

    with Stage(scene, script) as made:
        yield made
    scene.close()


@pytest.fixture
def errors() -> PageErrors:
    return PageErrors()


@pytest.fixture
def page(browser: Browser, stage: Stage, errors: PageErrors) -> Iterator[Page]:
    """A page of 1920 × 1080 pixels. The test fails if there were any errors on it."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, color_scheme="light", base_url=stage.url)
    errors.watch(context, stage.url)
    yield context.new_page()
    context.close()
    assert errors == []
