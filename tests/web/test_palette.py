"""Text has a contrast of WCAG level AA on its background, in the light and the dark theme."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "web" / "static" / "css" / "palette.css").read_text(encoding="utf-8")
THEMES = {
    name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})\b", block))
    for name, block in zip(("light", "dark"), re.findall(r"\{(.*?)\}", CSS, re.DOTALL), strict=True)
}
# Ink on ground, as the style sheets use them; both phases of a flash count.
TEXT = [
    ("ink", "page"), ("ink", "tile"), ("soft", "page"), ("soft", "tile"), ("link", "page"), ("link", "tile"),
    ("tile", "link"), ("tile", "ink"), ("head-ink", "head"), ("head-soft", "head"), ("head", "head-ink"),
    ("high-ink", "high"), ("high-ink", "high-dim"), ("medium-ink", "medium"), ("medium-ink", "medium-dim"),
    ("low-ink", "low"), ("lost-ink", "lost"), ("none-ink", "none"), ("none-ink", "none-stripe"), ("ok-ink", "ok"),
    ("empty-ink", "empty"), ("ink", "empty"), ("warn-ink", "warn"), ("past-ink", "past"), ("past-ink", "tile"),
    ("limit", "tile"),
]  # fmt: skip
# Lines and shapes that carry meaning need 3:1 (WCAG 1.4.11).
SHAPES = [
    ("curve", "tile"),
    ("edge", "tile"),
    ("focus", "tile"),
    ("focus", "page"),
    ("lost-ink", "tile"),
    ("high", "page"),
]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance of an sRGB colour."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_function_gives_known_values() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_has_enough_contrast_on_its_background(theme: str, ink: str, ground: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), SHAPES)
def test_lines_and_borders_with_a_meaning_have_enough_contrast(theme: str, ink: str, ground: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[ink], colours[ground]) >= 3


def test_both_themes_have_the_same_colours() -> None:
    assert THEMES["light"].keys() == THEMES["dark"].keys()


def test_style_sheets_use_only_colours_of_the_themes() -> None:
    for sheet in (Path(__file__).parents[2] / "web" / "static" / "css").glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        used = set(re.findall(r"var\(--([\w-]+)\)", text))
        assert used <= THEMES["light"].keys() | {"curve-fill"}, sheet.name


def test_flash_rates_are_those_of_the_severities() -> None:
    ward = (Path(__file__).parents[2] / "web" / "static" / "css" / "ward.css").read_text(encoding="utf-8")
    for severity, low, high in (("high", 1.4, 2.8), ("medium", 0.4, 0.8)):
        period = re.search(rf"animation: flash-{severity} ([\d.]+)s steps\(1\) infinite", ward)
        assert period is not None
        assert low <= 1 / float(period[1]) <= high
        assert f"@keyframes flash-{severity} {{ 50% {{" in ward  # half of the time: within 20 to 60 %
    assert "flash-low" not in ward
    assert "prefers-reduced-motion: reduce" in ward
