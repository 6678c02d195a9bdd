"""The options of curl: which take a value, and a command line divided into them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gluten.errors import UsageError

SHORT = {
    "0": "http1.0", "1": "tlsv1", "2": "sslv2", "3": "sslv3", "4": "ipv4", "6": "ipv6", "#": "progress-bar",
    "A": "user-agent", "B": "use-ascii", "C": "continue-at", "D": "dump-header", "E": "cert", "F": "form", "G": "get",
    "H": "header", "I": "head", "J": "remote-header-name", "K": "config", "L": "location", "M": "manual",
    "N": "no-buffer", "O": "remote-name", "P": "ftp-port", "Q": "quote", "R": "remote-time", "S": "show-error",
    "T": "upload-file", "U": "proxy-user", "V": "version", "X": "request", "Y": "speed-limit", "Z": "parallel",
    "a": "append", "b": "cookie", "c": "cookie-jar", "d": "data", "e": "referer", "f": "fail", "g": "globoff",
    "h": "help", "i": "include", "j": "junk-session-cookies", "k": "insecure", "l": "list-only", "m": "max-time",
    "n": "netrc", "o": "output", "p": "proxytunnel", "q": "disable", "r": "range", "s": "silent",
    "t": "telnet-option", "u": "user", "v": "verbose", "w": "write-out", "x": "proxy", "y": "speed-time",
    "z": "time-cond", ":": "next",
}  # fmt: skip
VALUED = frozenset({
    "abstract-unix-socket", "alt-svc", "aws-sigv4", "cacert", "capath", "cert", "cert-type", "ciphers", "config",
    "connect-timeout", "connect-to", "continue-at", "cookie", "cookie-jar", "create-file-mode", "crlfile", "curves",
    "data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "delegation", "dns-interface",
    "dns-ipv4-addr", "dns-ipv6-addr", "dns-servers", "doh-url", "dump-header", "ech", "egd-file", "engine",
    "expect100-timeout", "form", "form-string", "ftp-account", "ftp-alternative-to-user", "ftp-method", "ftp-port",
    "ftp-ssl-ccc-mode", "happy-eyeballs-timeout-ms", "haproxy-clientip", "header", "hostpubmd5", "hostpubsha256",
    "hsts", "interface", "ip-tos", "ipfs-gateway", "json", "keepalive-cnt", "keepalive-time", "key", "key-type",
    "krb", "libcurl", "limit-rate", "local-port", "login-options", "mail-auth", "mail-from", "mail-rcpt",
    "max-filesize", "max-redirs", "max-time", "netrc-file", "noproxy", "oauth2-bearer", "output", "output-dir",
    "parallel-max", "pass", "pinnedpubkey", "preproxy", "proto", "proto-default", "proto-redir", "proxy",
    "proxy-cacert", "proxy-capath", "proxy-cert", "proxy-cert-type", "proxy-ciphers", "proxy-crlfile",
    "proxy-header", "proxy-key", "proxy-key-type", "proxy-pass", "proxy-pinnedpubkey", "proxy-service-name",
    "proxy-tls13-ciphers", "proxy-tlsauthtype", "proxy-tlspassword", "proxy-tlsuser", "proxy-user", "proxy1.0",
    "pubkey", "quote", "random-file", "range", "rate", "referer", "request", "request-target", "resolve", "retry",
    "retry-delay", "retry-max-time", "sasl-authzid", "service-name", "socks4", "socks4a", "socks5",
    "socks5-gssapi-service", "socks5-hostname", "speed-limit", "speed-time", "stderr", "telnet-option",
    "tftp-blksize", "time-cond", "tls-max", "tls13-ciphers", "tlsauthtype", "tlspassword", "tlsuser", "trace",
    "trace-ascii", "trace-config", "unix-socket", "upload-file", "url", "url-query", "user", "user-agent",
    "variable", "vlan-priority", "write-out",
})  # fmt: skip
QUIET = frozenset({
    "cookie-jar", "create-dirs", "disable", "dump-header", "fail", "fail-early", "fail-with-body", "globoff",
    "http1.1", "include", "location-trusted", "no-buffer", "no-keepalive-time", "no-progress-meter",
    "no-styled-output", "output", "output-dir", "parallel", "path-as-is", "progress-bar", "proto", "proto-default",
    "remote-header-name", "remote-name", "remote-name-all", "show-error", "silent", "ssl-reqd", "stderr",
    "styled-output", "tcp-nodelay", "tlsv1", "tlsv1.2", "trace", "trace-ascii", "trace-ids", "trace-time",
    "verbose", "write-out",
})  # fmt: skip
"""These do not change what is sent, or not in a way that counts: they need no counterpart."""


class Option(NamedTuple):
    """`name` without dashes, or empty for a word that is an address. `written`: as people wrote it."""

    name: str
    value: str
    written: str


def options_of(words: Sequence[str]) -> list[Option]:
    """Raises UsageError for an option whose value is missing."""
    found: list[Option] = []
    pending = list(words)
    while pending:
        word = pending.pop(0)
        if word.startswith("--") and len(word) > 2:
            name = word[2:]
            found.append(Option(name, _value(word, pending) if name in VALUED else "", word))
        elif word.startswith("-") and len(word) > 1:
            found += _short(word[1:], pending)
        else:
            found.append(Option("", word, word))
    return found


def _short(letters: str, pending: list[str]) -> list[Option]:
    found: list[Option] = []
    while letters:
        letter, letters = letters[0], letters[1:]
        name = SHORT.get(letter, letter)
        if name in VALUED:
            return [*found, Option(name, letters or _value(f"-{letter}", pending), f"-{letter}")]
        found.append(Option(name, "", f"-{letter}"))
    return found


def _value(word: str, pending: list[str]) -> str:
    if not pending:
        raise UsageError(f"the curl command: {word}: its value is missing")
    return pending.pop(0)
