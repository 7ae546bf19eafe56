"""Show the mailbox."""

from __future__ import annotations

from html import escape
from itertools import islice
from urllib.parse import quote

from sandbox import layout
from sandbox.mailbox.letters import Letter, Mailbox
from sandbox.web import Request, Response, Routes

LETTERS_PER_PAGE = 100
# Links open in the whole window, scripts never run, and only pictures and styles load.
BODY_POLICY = (
    "default-src 'none'; img-src * data:; style-src 'unsafe-inline' *; font-src *; "
    "sandbox allow-top-navigation-by-user-activation allow-popups; frame-ancestors 'self'"
)


def mailbox_routes(mailbox: Mailbox) -> Routes:
    """Bind the pages to one folder of letters."""
    routes = Routes()

    @routes.add("GET", "/mailbox/")
    def inbox(request: Request) -> Response:
        to = request.query.get("to", "")
        return _inbox(list(islice(mailbox.letters(to), LETTERS_PER_PAGE)), to)

    @routes.add("GET", "/mailbox/{letter_id}/")
    def letter_page(request: Request, letter_id: str) -> Response:
        letter = mailbox.letter(letter_id)
        return _letter(letter) if letter else layout.not_found("There is no such letter.")

    @routes.add("GET", "/mailbox/{letter_id}/html")
    def letter_html(request: Request, letter_id: str) -> Response:
        letter = mailbox.letter(letter_id)
        html = letter.body("html") if letter else None
        if html is None:
            return layout.not_found("There is no such letter.")
        headers = {"Content-Security-Policy": BODY_POLICY}
        return Response(f'<base target="_top">{html}', headers=headers)

    @routes.add("GET", "/mailbox/{letter_id}/source")
    def letter_source(request: Request, letter_id: str) -> Response:
        letter = mailbox.letter(letter_id)
        if letter is None:
            return layout.not_found("There is no such letter.")
        return Response(letter.source, content_type="text/plain; charset=utf-8")

    @routes.add("GET", "/mailbox/{letter_id}/attachments/{number}")
    def attachment(request: Request, letter_id: str, number: str) -> Response:
        letter = mailbox.letter(letter_id)
        files = letter.attachments if letter else []
        if not number.isdecimal() or not 1 <= int(number) <= len(files):
            return layout.not_found("There is no such attachment.")
        name, _, content = files[int(number) - 1]
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, content_type="application/octet-stream", headers=headers)

    return routes


def _inbox(letters: list[Letter], to: str) -> Response:
    rows = "".join(
        f'<li><a href="/mailbox/{letter.id}/">{escape(letter.subject)}</a>'
        f'<div class="soft">to {escape(", ".join(letter.recipients) or "nobody")}, {_time(letter)}</div></li>'
        for letter in letters
    )
    search = (
        '<form class="card"><label for="to">Only letters to</label>'
        f'<input id="to" name="to" type="email" autocomplete="off" value="{escape(to)}">'
        '<button class="primary">Show</button></form>'
    )
    empty = "<p>No letters yet. What the site sends appears here; load the page again.</p>"
    return layout.page("Mailbox", search + (f'<ul class="list">{rows}</ul>' if rows else empty))


def _letter(letter: Letter) -> Response:
    parts = [
        '<p><a class="back" href="/mailbox/">All letters</a></p>',
        '<div class="card">',
        layout.facts({"From": letter.header("From"), "To": ", ".join(letter.recipients), "Time": _time(letter)}),
        "</div>",
    ]
    text, html = letter.body("plain"), letter.body("html")
    if html is not None:
        parts.append(
            f'<iframe title="The letter as HTML" src="/mailbox/{letter.id}/html" '
            'sandbox="allow-top-navigation-by-user-activation allow-popups"></iframe>'
        )
    if text is not None:
        parts.append(f'<section class="card"><h2>As text</h2><pre>{_linked(text)}</pre></section>')
    if text is None and html is None:
        parts.append("<p>This letter has no text that can be read; look at its source.</p>")
    parts += [_attachments(letter), _headers(letter), f'<p><a class="back" href="/mailbox/{letter.id}/source">Source</a></p>']
    return layout.page(letter.subject, "".join(parts))


def _attachments(letter: Letter) -> str:
    rows = "".join(
        f'<li><a href="/mailbox/{letter.id}/attachments/{number}">{escape(name)}</a> '
        f'<span class="soft">{escape(kind)}, {len(content)} bytes</span></li>'
        for number, (name, kind, content) in enumerate(letter.attachments, 1)
    )
    return f'<section class="card"><h2>Attachments</h2><ul>{rows}</ul></section>' if rows else ""


def _headers(letter: Letter) -> str:
    return f"<details><summary>Headers</summary>{layout.facts(dict(letter.headers))}</details>"


def _linked(text: str) -> str:
    """Make web addresses in plain text clickable."""
    words = []
    for word in text.split(" "):
        lines = [
            f'<a href="{escape(line)}">{escape(line)}</a>' if line.startswith(("http://", "https://")) else escape(line)
            for line in word.split("\n")
        ]
        words.append("\n".join(lines))
    return " ".join(words)


def _time(letter: Letter) -> str:
    moment = letter.received
    return f"{moment:%d %B %Y, %H:%M:%S} UTC"
