"""Media of other sites: which are known, where they are watched and what frame plays them."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, quote, urlsplit

Kind = Literal["video", "audio", "post"]

MASTODON_SERVERS = [
    "mastodon.social",
    "mastodon.online",
    "mstdn.social",
    "fosstodon.org",
    "hachyderm.io",
    "mas.to",
    "journa.host",
    "newsie.social",
    "social.lol",
    "mastodon.world",
    "infosec.exchange",
]


@dataclass(frozen=True)
class Embed:
    """One film, sound or post; `frame` is None where the site has no frame for it."""

    provider: str
    kind: Kind
    watch: str
    frame: str | None

    @property
    def host(self) -> str:
        """Return the host that a reader's browser talks to once the frame is loaded."""
        return urlsplit(self.frame or self.watch).hostname or ""


@dataclass(frozen=True)
class Provider:
    """`pattern` matches an address without scheme and www., its named groups fill `watch` and `frame`."""

    name: str
    kind: Kind
    pattern: re.Pattern[str]
    watch: str
    frame: str | None


def _provider(name: str, kind: Kind, pattern: str, watch: str, frame: str | None) -> Provider:
    return Provider(name, kind, re.compile(rf"(?:{pattern})(?:[/?#&].*)?\Z"), watch, frame)


PROVIDERS: tuple[Provider, ...] = (
    _provider(
        "YouTube",
        "video",
        r"(?:(?:m\.|music\.)?youtube(?:-nocookie)?\.com/(?:watch\?(?:[^#]{0,200}&)?v=|embed/|shorts/|live/|v/)|youtu\.be/)(?P<id>[\w-]{11})",
        "https://www.youtube.com/watch?v={id}",
        "https://www.youtube-nocookie.com/embed/{id}",
    ),
    _provider(
        "Vimeo",
        "video",
        r"(?:player\.vimeo\.com/video|vimeo\.com(?:/channels/\w{1,60})?)/(?P<id>\d{5,12})",
        "https://vimeo.com/{id}",
        "https://player.vimeo.com/video/{id}?dnt=1",
    ),
    _provider(
        "Bilibili",
        "video",
        r"(?:(?:m\.)?bilibili\.com/video/|player\.bilibili\.com/player\.html\?(?:[^#]{0,200}&)?bvid=)(?P<id>BV\w{10})",
        "https://www.bilibili.com/video/{id}",
        "https://player.bilibili.com/player.html?bvid={id}&autoplay=0",
    ),
    _provider(
        "Tencent Video",
        "video",
        r"v\.qq\.com/(?:x/page/|x/cover/\w{1,40}/|txp/iframe/player\.html\?(?:[^#]{0,200}&)?vid=)(?P<id>\w{11})(?:\.html)?",
        "https://v.qq.com/x/page/{id}.html",
        "https://v.qq.com/txp/iframe/player.html?vid={id}",
    ),
    _provider(
        "Youku",
        "video",
        r"(?:v\.youku\.com/v_show/id_|player\.youku\.com/embed/)(?P<id>X[\w=]{8,24})(?:\.html)?",
        "https://v.youku.com/v_show/id_{id}.html",
        "https://player.youku.com/embed/{id}",
    ),
    _provider(
        "Dailymotion",
        "video",
        r"(?:dailymotion\.com/(?:embed/)?video/|dai\.ly/|geo\.dailymotion\.com/player\.html\?video=)(?P<id>[a-zA-Z0-9]{5,12})",
        "https://www.dailymotion.com/video/{id}",
        "https://geo.dailymotion.com/player.html?video={id}",
    ),
    _provider(
        "TikTok",
        "video",
        r"tiktok\.com/(?:@(?P<user>[\w.]{1,40})/video|embed/v2)/(?P<id>\d{15,20})",
        "https://www.tiktok.com/@{user}/video/{id}",
        "https://www.tiktok.com/embed/v2/{id}",
    ),
    _provider(
        "Internet Archive",
        "video",
        r"archive\.org/(?:details|embed)/(?P<id>[\w.-]{3,100})",
        "https://archive.org/details/{id}",
        "https://archive.org/embed/{id}",
    ),
    _provider(
        "SoundCloud",
        "audio",
        r"(?P<id>(?:soundcloud\.com/[\w-]{1,60}/(?:sets/)?[\w-]{1,120}|api\.soundcloud\.com/(?:tracks|playlists)/\d{1,12}))",
        "https://{id}",
        "https://w.soundcloud.com/player/?url={quoted}",
    ),
    _provider(
        "Spotify",
        "audio",
        r"open\.spotify\.com/(?:intl-\w{2}/)?(?:embed/)?(?P<what>track|album|playlist|episode|show|artist)/(?P<id>\w{22})",
        "https://open.spotify.com/{what}/{id}",
        "https://open.spotify.com/embed/{what}/{id}",
    ),
    _provider(
        "Apple Podcasts",
        "audio",
        r"(?:embed\.)?podcasts\.apple\.com/(?P<country>\w{2})/podcast/(?P<name>[\w%-]{1,200})/(?P<id>id\d{5,12})",
        "https://podcasts.apple.com/{country}/podcast/{name}/{id}",
        "https://embed.podcasts.apple.com/{country}/podcast/{name}/{id}",
    ),
    _provider(
        "X",
        "post",
        r"(?:mobile\.)?(?:twitter|x)\.com/(?P<user>\w{1,20})/status(?:es)?/(?P<id>\d{5,20})",
        "https://x.com/{user}/status/{id}",
        "https://platform.twitter.com/embed/Tweet.html?id={id}&dnt=true",
    ),
    _provider(
        "Bluesky",
        "post",
        r"(?:bsky\.app/profile/(?P<user>did:plc:[a-z2-7]{24})/post|embed\.bsky\.app/embed/(?P<did>did:plc:[a-z2-7]{24})/app\.bsky\.feed\.post)"
        r"/(?P<id>[a-z2-7]{13})",
        "https://bsky.app/profile/{user}/post/{id}",
        "https://embed.bsky.app/embed/{user}/app.bsky.feed.post/{id}",
    ),
    # A post under a handle has no frame: frames want the account's permanent identifier.
    _provider(
        "Bluesky",
        "post",
        r"bsky\.app/profile/(?P<user>[\w.-]{3,100})/post/(?P<id>[a-z2-7]{13})",
        "https://bsky.app/profile/{user}/post/{id}",
        None,
    ),
    _provider(
        "Mastodon",
        "post",
        rf"(?P<host>{'|'.join(map(re.escape, MASTODON_SERVERS))})/@(?P<user>\w{{1,60}}(?:@[\w.-]{{1,80}})?)/(?P<id>\d{{5,20}})(?:/embed)?",
        "https://{host}/@{user}/{id}",
        "https://{host}/@{user}/{id}/embed",
    ),
)

_START = re.compile(r"(?:https?:)?//(?:www\.)?", re.IGNORECASE)
_MAX_ADDRESS = 1000


def find_embed(address: str) -> Embed | None:
    """Return what an address of a known site plays, whether it is its page or its frame; None for any other address."""
    if len(address) > _MAX_ADDRESS or not (start := _START.match(address)):
        return None
    host, slash, path = _unwrapped(address[start.end() :]).partition("/")
    bare = f"{host.lower()}{slash}{path}"
    for provider in PROVIDERS:
        if match := provider.pattern.match(bare):
            return _filled(provider, match)
    return None


def _unwrapped(bare: str) -> str:
    """Return the address inside SoundCloud's player, or the address itself."""
    if not bare.startswith("w.soundcloud.com/player"):
        return bare
    inner = parse_qs(urlsplit(f"//{bare}").query).get("url", [""])[0]
    return _START.sub("", inner, count=1)


def _filled(provider: Provider, match: re.Match[str]) -> Embed:
    found = {name: value for name, value in match.groupdict().items() if value}
    user = found.get("did", found.get("user", "_"))
    fields = {**found, "user": user, "quoted": quote(f"https://{found['id']}", safe="")}
    frame = provider.frame.format(**fields) if provider.frame else None
    return Embed(provider.name, provider.kind, provider.watch.format(**fields), frame)


def frame_sources() -> tuple[str, ...]:
    """Return the origins that a content security policy must let into frames."""
    hosts = {urlsplit(provider.frame).hostname for provider in PROVIDERS if provider.frame and "{host}" not in provider.frame}
    return tuple(sorted(f"https://{host}" for host in [*hosts, *MASTODON_SERVERS] if host))
