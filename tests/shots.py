"""Take every public page at three widths in both themes, and lay them out as a contact sheet. `make shots` calls this."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.pages import PAGES
from tests.site import CHROMIUM_FLAGS, ROOT, Site, chromium, running_site

WIDTHS = (390, 768, 1280)
THEMES = ("light", "dark")
HEIGHT = 900
# Pictures that wait to be scrolled to, decoded, and the typefaces.
LOAD_EVERYTHING = """async () => {
  const pictures = [...document.images];
  for (const picture of pictures) picture.loading = "eager";
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => {})));
  await document.fonts.ready;
}"""
OUT = ROOT / "var" / "shots"


def take(browser: Browser, site: Site, names: list[str]) -> None:
    """Take the pages, whole, into var/shots."""
    for theme in THEMES:
        for width in WIDTHS:
            context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=theme, reduced_motion="reduce")
            page = context.new_page()
            for name in names:
                page.goto(site.url + PAGES[name])
                page.evaluate(LOAD_EVERYTHING)
                page.screenshot(path=OUT / f"{name}-{width}-{theme}.png", full_page=True)
            context.close()


def lay_out(names: list[str]) -> Path:
    """Write the contact sheet: a row a page, three widths in both themes."""
    cells = [
        f"<h2>{name} <small>{PAGES[name]}</small></h2><div>"
        + "".join(
            f'<a href="{name}-{width}-{theme}.png"><img src="{name}-{width}-{theme}.png" alt="{width} {theme}"></a>'
            for theme in THEMES
            for width in WIDTHS
        )
        + "</div>"
        for name in names
    ]
    style = (
        "body{font:16px sans-serif;margin:2rem}div{display:flex;gap:1rem;align-items:start}"
        "img{height:420px;object-fit:cover;object-position:top;border:1px solid #999}"
    )
    sheet = OUT / "index.html"
    sheet.write_text(f"<!doctype html><meta charset=utf-8><title>Contact sheet</title><style>{style}</style>" + "".join(cells))
    return sheet


def main() -> None:
    """Start a site, take the pages named on the command line or all, and say where the sheet is."""
    names = sys.argv[1:] or list(PAGES)
    OUT.mkdir(parents=True, exist_ok=True)
    with running_site() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        take(browser, site, names)
        browser.close()
    print(f"{len(names)} pages, {len(names) * len(WIDTHS) * len(THEMES)} pictures: {lay_out(names)}")


if __name__ == "__main__":
    main()
