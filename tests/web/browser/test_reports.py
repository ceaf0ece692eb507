"""The pages of reports in a browser: nothing is cut at any width, and on paper there is the report alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser.conftest import SOON
from tests.web.browser.stage import Stage
from tests.web.browser.test_ward import ready

pytestmark = pytest.mark.engines

# Elements whose text is wider than their box, and those outside of the page.
CUT = """() => [...document.querySelectorAll('main *')].filter((node) => {
  const box = node.getBoundingClientRect();
  if (!box.width || node.closest('.visually-hidden')) return false;
  const wider = node.clientWidth && node.scrollWidth > node.clientWidth + 1;
  return wider || box.right > document.documentElement.clientWidth + 1;
}).map((node) => node.tagName + ' ' + node.className + ' ' + node.textContent.slice(0, 40))"""


@pytest.mark.parametrize("width", [390, 1366, 1920])
def test_a_handover_is_whole_at_every_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    ready(page, "/handover?ward=icu")

    expect(page.locator(".sheet tr.bed")).not_to_have_count(0)
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("width", [390, 1366, 1920])
def test_an_alarm_load_is_inside_of_the_page_at_every_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    ready(page, "/alarm-load")

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_there_is_the_report_alone_with_its_head_on_each_sheet(page: Page) -> None:
    ready(page, "/handover?ward=icu")
    page.emulate_media(media="print")

    for hidden in ("#head", "#banners", "#frozen", ".controls", "h1"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".sheet-head")).to_contain_text("Intensive care (icu)")
    expect(page.locator(".sheet thead")).to_have_css("display", "table-header-group")
    expect(page.locator(".sheet tr.bed").first).to_have_css("break-inside", "avoid")
    pdf = page.pdf(prefer_css_page_size=True)
    width, height = (float(side) for side in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)[0])
    assert (round(width), round(height)) == (595, 842)


def test_a_report_says_how_old_it_is(page: Page, stage: Stage) -> None:
    ready(page, "/handover?ward=icu")
    expect(page.locator("#age")).to_be_hidden()
    stage.scene.clock.advance(120)

    expect(page.locator("#age")).to_contain_text("does not change by itself", timeout=SOON)
