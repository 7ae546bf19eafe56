"""Take every public page at three widths in both themes, and lay them out as a contact sheet. `make shots` calls this."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.site import CHROMIUM_FLAGS, ROOT, Site, chromium, running_site

WIDTHS = (390, 768, 1280)
THEMES = ("light", "dark")
HEIGHT = 900
OUT = ROOT / "var" / "shots"
PAGES = {
    "front": "/",
    "article": "/the-group-chat-that-runs-the-building/",
    "list-of-forty": "/forty-things-a-delivery-rider-knows-about-your-door/",
    "premium": "/the-people-who-wait-for-you/",
    "brief": "/the-cat-that-clocks-in-at-a-hangzhou-metro-station/",
    "headword": "/dazi/",
    "live": "/exam-day/",
    "section": "/category/table/",
    "words": "/category/words/",
    "tag": "/tag/family/",
    "author": "/author/shen-yiduo/",
    "all-series": "/series/",
    "series": "/series/one-building/",
    "archive": "/archive/",
    "popular": "/popular/",
    "search": "/search/?q=外卖+rider",
    "search-empty": "/search/?q=xylophone",
    "comments": "/the-group-chat-that-runs-the-building/comments/",
    "page": "/about/",
    "contact": "/contact/",
    "newsletters": "/newsletters/",
    "newsletter": "/newsletters/the-landing/",
    "issue": "/newsletters/the-landing/why-nobody-leaves-the-group/",
    "premium-issue": "/newsletters/rooftop/the-bag-at-twenty-to-nine/",
    "asked": "/newsletters/the-landing/asked/",
    "plans": "/subscribe/",
    "support": "/support/",
    "sign-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "404": "/nothing-here/",
}


def take(browser: Browser, site: Site, names: list[str]) -> None:
    """Take the pages, whole, into var/shots."""
    for theme in THEMES:
        for width in WIDTHS:
            context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=theme, reduced_motion="reduce")
            page = context.new_page()
            for name in names:
                page.goto(site.url + PAGES[name], wait_until="networkidle")
                page.evaluate("document.querySelectorAll('img[loading=lazy]').forEach(image => image.loading = 'eager')")
                page.wait_for_timeout(150)
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
