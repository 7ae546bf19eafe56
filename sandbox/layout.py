"""Draw the pages of the sandbox: one sheet, no script, plainly not the magazine."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

from sandbox.web import Request, Response, json_response

CSS = """
:root { color-scheme:light dark;
 --paper:light-dark(#f3f5f7, #14181c); --card:light-dark(#fff, #1d2329); --ink:light-dark(#15191d, #e8ecf0);
 --soft:light-dark(#4b555f, #aab4be); --rule:light-dark(#cfd6dd, #38424c); --edge:light-dark(#6d7883, #86919c);
 --fill:light-dark(#1a5f4a, #8fd6bb); --on-fill:light-dark(#fff, #0c1f18); --link:light-dark(#14523f, #8fd6bb);
 --bad:light-dark(#a3221b, #ff9d92); --stripe:light-dark(#ffe08a, #4a3a05); --stripe2:light-dark(#ffd45c, #5c4908) }
* { box-sizing:border-box }
body { margin:0; background:var(--paper); color:var(--ink); font:1rem/1.5 system-ui, sans-serif; overflow-wrap:anywhere }
.tape { padding:.5rem 1rem; text-align:center; font-weight:600; color:light-dark(#231a00, #ffecb5);
 background:repeating-linear-gradient(-45deg, var(--stripe) 0 1rem, var(--stripe2) 1rem 2rem) }
nav { display:flex; flex-wrap:wrap; gap:0 1rem; max-width:60rem; margin:0 auto; padding:.25rem 1rem }
nav a { display:inline-flex; align-items:center; min-height:2.75rem }
main { max-width:60rem; margin:0 auto; padding:1rem 1rem 3rem } main.narrow { max-width:32rem }
.card { margin-block:1rem; padding:1rem 1.25rem; background:var(--card); border:1px solid var(--rule); border-radius:.5rem }
h1 { font-size:1.5rem; line-height:1.2; margin:.5rem 0 } h2 { font-size:1.125rem; line-height:1.3; margin:0 0 .5rem }
form + form { margin-block-start:.75rem }
p, dl, ul { margin:.5rem 0 } ul { padding-inline-start:1.25rem } dd { margin:0 } dt { color:var(--soft) }
dl { display:grid; grid-template-columns:minmax(5rem, auto) 1fr; gap:.125rem 1rem }
a { color:var(--link) } .soft { color:var(--soft) } .bad { color:var(--bad); font-weight:600 }
.price { font-size:1.75rem; font-weight:600; margin:.25rem 0 }
label, legend { font-weight:600 } fieldset { border:1px solid var(--rule); border-radius:.375rem; margin:.75rem 0 }
fieldset label:not([for]) { display:flex; gap:.5rem; align-items:center; min-height:2.75rem; font-weight:400 }
input:not([type=radio], [type=checkbox]), select { display:block; width:100%; min-height:2.75rem; padding:.25rem .625rem; font:inherit;
 color:inherit; background:var(--card); border:1px solid var(--edge); border-radius:.375rem; margin-block:.25rem .75rem }
input:is([type=radio], [type=checkbox]) { width:1.25rem; height:1.25rem; accent-color:var(--fill) }
button { min-height:2.75rem; padding:.375rem 1rem; font:inherit; color:inherit; background:var(--card); border:1px solid var(--edge);
 border-radius:.375rem; cursor:pointer } button:hover { border-color:var(--ink) }
button.primary { width:100%; background:var(--fill); border-color:var(--fill); color:var(--on-fill); font-weight:600 }
.row { display:flex; flex-wrap:wrap; gap:.5rem; margin-block:.75rem } .row form { margin:0 }
:focus-visible { outline:3px solid var(--link); outline-offset:2px }
.list { list-style:none; padding:0 } .list > li { padding:.75rem 0; border-block-start:1px solid var(--rule) }
.back, .list > li > a { display:inline-flex; align-items:center; min-height:2.75rem; font-weight:600 }
pre { white-space:pre-wrap; font-size:.875rem; margin:0 } iframe { width:100%; height:36rem; border:1px solid var(--rule); background:#fff }
summary { min-height:2.75rem; display:flex; align-items:center; cursor:pointer }
"""

NAV = (
    ("/", "Sandbox"),
    ("/mailbox/", "Mailbox"),
    ("/clock", "Clock"),
    ("/people", "People"),
    ("/payments", "Payments"),
    ("/events", "Events"),
    ("/faults", "Faults"),
)


def page(title: str, body: str, *, status: int = 200, narrow: bool = False, nav: bool = True, site: str = "") -> Response:
    """Answer with one whole page; `body` is HTML, `title` is text."""
    links = "".join(f'<a href="{path}">{name}</a>' for path, name in NAV)
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)} · Sandbox</title><style>{CSS}</style></head><body>"
        '<header><div class="tape">Sandbox: no real money, no real mail</div>'
        f"{f'<nav aria-label={chr(34)}Sandbox{chr(34)}>{links}</nav>' if nav else ''}</header>"
        f"<main{' class=narrow' if narrow else ''}><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return Response(html, status, headers={"Content-Security-Policy": _policy(site)})


def button(label: str, *, value: str = "", name: str = "action", primary: bool = False) -> str:
    """Draw a button that sends its value."""
    kind = ' class="primary"' if primary else ""
    return f'<button name="{escape(name)}" value="{escape(value)}"{kind}>{escape(label)}</button>'


def post_form(action: str, *parts: str) -> str:
    """Draw a form that posts."""
    return f'<form method="post" action="{escape(action)}">{"".join(parts)}</form>'


def facts(rows: dict[str, object]) -> str:
    """List names and values; both are text."""
    return "<dl>" + "".join(f"<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>" for k, v in rows.items()) + "</dl>"


def not_found(what: str = "There is nothing at this address.") -> Response:
    """Answer that there is nothing."""
    return page("Not found", f'<p>{escape(what)}</p><p><a href="/">To the start of the sandbox</a></p>', status=404)


def refusal(request: Request, error: Exception) -> Response:
    """Answer that a request could not be obeyed, as JSON to who asks for it."""
    if request.wants_json:
        return json_response({"error": str(error)}, 400)
    return page("That did not work", f"<p>{escape(str(error))}</p>", status=400)


def _policy(site: str) -> str:
    # Browsers hold the redirect after a posted form against form-action, so the site it returns to is named.
    parts = urlsplit(site)
    target = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return (
        "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; "
        f"form-action 'self'{target}; frame-ancestors 'self'"
    )
