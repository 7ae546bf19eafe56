"""Small exports, written by the tests that read them."""

from itertools import count
from pathlib import Path
from xml.sax.saxutils import escape

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>The Old Paper</title><link>https://old.example</link><language>en-US</language>
<pubDate>Mon, 10 Jun 2024 12:00:00 +0000</pubDate><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://old.example</wp:base_site_url><wp:base_blog_url>https://old.example</wp:base_blog_url>
"""
FOOT = "</channel></rss>\n"
numbers = count(1)


def cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"


def meta(**values: str) -> str:
    return "".join(
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value>{cdata(value)}</wp:meta_value></wp:postmeta>"
        for key, value in values.items()
    )


def category(slug: str, name: str = "", domain: str = "category") -> str:
    return f'<category domain="{domain}" nicename="{slug}">{cdata(name or slug.capitalize())}</category>'


def comment(number: int, text: str = "Well said.", *, parent: int = 0, state: str = "1", kind: str = "") -> str:
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>{cdata('Ulla')}</wp:comment_author>"
        f"<wp:comment_author_email>ulla@example.com</wp:comment_author_email><wp:comment_author_url>https://ulla.example/</wp:comment_author_url>"
        f"<wp:comment_date_gmt>2024-06-06 10:{number % 60:02}:00</wp:comment_date_gmt><wp:comment_content>{cdata(text)}</wp:comment_content>"
        f"<wp:comment_approved>{state}</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type>"
        f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
    )


def item(
    title: str = "A post",
    content: str = "Some words.",
    *,
    number: int | None = None,
    kind: str = "post",
    status: str = "publish",
    slug: str | None = None,
    link: str | None = None,
    password: str = "",
    date: str = "2024-06-05 16:04:48",
    excerpt: str = "",
    creator: str = "ann",
    parent: int = 0,
    inner: str = "",
) -> str:
    number = number or next(numbers) + 1000
    slug = f"post-{number}" if slug is None else slug
    link = f"https://old.example/2024/06/{slug}/" if link is None else link
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><pubDate></pubDate><dc:creator>{cdata(creator)}</dc:creator>"
        f'<guid isPermaLink="false">https://old.example/?p={number}</guid><content:encoded>{cdata(content)}</content:encoded>'
        f"<excerpt:encoded>{cdata(excerpt)}</excerpt:encoded><wp:post_id>{number}</wp:post_id><wp:post_date_gmt>{date}</wp:post_date_gmt>"
        f"<wp:post_name>{slug}</wp:post_name><wp:status>{status}</wp:status><wp:post_parent>{parent}</wp:post_parent>"
        f"<wp:post_type>{kind}</wp:post_type><wp:post_password>{cdata(password)}</wp:post_password>{inner}</item>\n"
    )


def attachment(number: int, address: str, *, parent: int = 0, alt: str = "", caption: str = "", inner: str = "") -> str:
    return item(
        f"picture-{number}",
        "",
        number=number,
        kind="attachment",
        status="inherit",
        parent=parent,
        excerpt=caption,
        inner=f"<wp:attachment_url>{escape(address)}</wp:attachment_url>" + meta(_wp_attachment_image_alt=alt) + inner,
    )


def author(login: str, name: str) -> str:
    return (
        f"<wp:author><wp:author_id>7</wp:author_id><wp:author_login>{cdata(login)}</wp:author_login>"
        f"<wp:author_display_name>{cdata(name)}</wp:author_display_name></wp:author>\n"
    )


def write_export(folder: Path, *parts: str, name: str = "export.xml", head: str = HEAD, foot: str = FOOT) -> Path:
    path = folder / name
    path.write_bytes((head + "".join(parts) + foot).encode())
    return path
