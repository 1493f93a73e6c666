"""Takes the README's pictures of the rendered pages: `make screenshots`."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "outputs" / "1404M01-07" / "alborz"
SIZE = {"width": 1100, "height": 1000}


def take(lang: str) -> None:
    """The first screen of the page on published figures, in a language."""
    page_file = PAGES / f"02_check_published_figures.{lang}.html"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE)
        page.goto(page_file.as_uri())
        page.screenshot(path=ROOT / "docs" / "images" / f"published.{lang}.png")
        browser.close()


for lang in ("fa", "en"):
    take(lang)
