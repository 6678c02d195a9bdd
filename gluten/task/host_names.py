"""Host names in the form that DNS, TLS and the Host header use: ASCII, lower case. Pure.

A name with other letters has an ASCII form (IDNA). Python's codec follows the rules of 2003, which turn the sharp s and
the final sigma into other letters, and so into another name. Here they are kept, as browsers and curl do (RFC 5891).
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from urllib.parse import unquote

# These are compiled when they are needed, because most names are ASCII.
_DOTS = "[.\u3002\uff0e\uff61]"
_KEPT = "[\u00df\u03c2]"
_JOINERS = "[\u200c\u200d]"
MAX_LABEL = 63


def bracketed(host: str) -> str:
    """The host as it stands before a port: an IPv6 address in brackets (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def ascii_name(host: str) -> str:
    """The ASCII form of a host, with its last dot if it has one. Raises UnicodeError if there is no such form."""
    host = host.lower()
    return host if host.isascii() else ".".join(map(_ascii_label, re.split(_DOTS, host)))


def bare_name(host: str) -> str:
    """The form in which two spellings of one host are equal: ASCII if there is such a form, without a last dot."""
    host = host.strip().lower()
    with suppress(UnicodeError):
        host = ascii_name(host)
    return host.removesuffix(".")


def dial_name(host: str) -> str:
    """A URL's host in the form for a resolver. The zone of an IPv6 address follows `%`, which is `%25` in a URL (RFC
    6874)."""
    address, percent, zone = host.partition("%")
    if ":" not in address:
        return ascii_name(host)
    zone = unquote(zone[2:]) if zone.startswith("25") and len(zone) > 2 else zone
    return f"{address}{percent}{zone}"


def unzoned(host: str) -> str:
    """An IPv6 address without its zone, which is valid only on this host. Other texts are not changed."""
    return host.partition("%")[0] if ":" in host else host


def _ascii_label(label: str) -> str:
    if re.search(_JOINERS, label):
        raise UnicodeError("a joiner, which nobody sees, makes another name")
    if not re.search(_KEPT, label):
        return label.encode("idna").decode()
    # The codec tells whether the rest of the label may be in a name.
    re.sub(_KEPT, "", label).encode("idna")
    coded = "xn--" + unicodedata.normalize("NFKC", label).encode("punycode").decode()
    if len(coded) > MAX_LABEL:
        raise UnicodeError("label too long")
    return coded
