"""What of a recording is no request of the application: static files, measuring services, preflights, sockets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

STATIC, MEASURING, PREFLIGHT, SOCKET, UNSENT, BROWSER, OTHER = (
    "static files", "requests to measuring services", "CORS preflights", "web sockets and event streams",
    "requests that were not sent or not answered",
    "requests of the browser itself", "addresses that cannot be loaded",
)  # fmt: skip

_KINDS = {"image", "stylesheet", "script", "font", "media", "manifest", "texttrack", "imageset", "css", "js", "img"}
_SUFFIX = re.compile(
    r"\.(?:css|m?js|map|png|jpe?g|gif|svg|ico|webp|avif|bmp|woff2?|ttf|otf|eot|mp4|webm|mp3|ogg|wav|m4a|wasm|webmanifest)\Z",
    re.IGNORECASE,
)
_MEDIA = re.compile(
    r"(?:image|font|audio|video)/.*|text/css.*|(?:text|application)/(?:x-)?(?:java|ecma)script.*|application/(?:font|x-font).*"
    r"|application/(?:wasm|manifest\+json|vnd\.ms-fontobject).*",
    re.IGNORECASE,
)
_MEASURING = re.compile(
    r"(?:.*\.)?(?:google-analytics\.com|googletagmanager\.com|doubleclick\.net|googleadservices\.com|googlesyndication\.com"
    r"|analytics\.google\.com|facebook\.net|connect\.facebook\.com|hotjar\.(?:com|io)|segment\.(?:com|io)|sentry\.io"
    r"|mixpanel\.com|amplitude\.com|newrelic\.com|nr-data\.net|datadoghq(?:-browser-agent)?\.(?:com|eu)|clarity\.ms"
    r"|fullstory\.com|cloudflareinsights\.com|bugsnag\.com|intercom\.io|matomo\.cloud|plausible\.io|posthog\.com"
    r"|optimizely\.com|bing\.com|criteo\.(?:com|net)|scorecardresearch\.com)",
    re.IGNORECASE,
)


def host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def site_of(host: str) -> str:
    """What the hosts of one owner usually have in common: `shop.test`, `shop.co.uk`."""
    labels = host.split(".")
    length = 3 if len(labels) > 2 and len(labels[-2]) <= 3 and len(labels[-1]) == 2 else 2
    return host if labels[-1].isdigit() else ".".join(labels[-length:])


def reason(method: str, url: str, kind: str, media: str) -> str:
    """Why the request is left out, or nothing. `kind`: what a browser says that it asked it for."""
    kind = kind.lower()
    if kind == "websocket" or url[:3].lower() == "ws:" or url[:4].lower() == "wss:" or "event-stream" in media:
        return SOCKET
    if kind == "preflight":
        return PREFLIGHT
    if kind == "ping" or _MEASURING.fullmatch(host_of(url)):
        return MEASURING
    path = url.partition("?")[0].partition("#")[0]
    if method == "GET" and (kind in _KINDS or _MEDIA.fullmatch(media) or (not kind and _SUFFIX.search(path[-14:]))):
        return STATIC
    return ""
