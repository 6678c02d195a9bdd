"""OpenSSL's errors in plain words, with the option that helps. Its own texts name lines of C and no remedy."""

from __future__ import annotations

import re
import ssl

from gluten.task.http2_rules import NOT_SPOKEN

_OWN = "give another by --cert and --key"
_GIVE = "--cert and --key"
_NEEDED = f"the target requires a client certificate: {_GIVE}"
_NOT_TLS = "the target does not speak TLS on this port: ask for http:// or for another port"
_VERSION = "the target speaks another version of TLS: this client speaks 1.2 and 1.3"
_WEAK = "the target's keys or ciphers are too weak for this host's OpenSSL"
ENDED = "the target closed the connection in the TLS handshake: it may not speak https on this port, but http://"

_UNVERIFIED = "or do not verify it: --insecure"
_UNKNOWN = "the target's certificate is signed by an authority that is unknown here"
_TRUST = f"trust it by --cacert FILE, {_UNVERIFIED}"
_CERTIFICATES = {
    9: f"the target's certificate is not valid yet: set the clocks, {_UNVERIFIED}",
    10: f"the target's certificate has expired: renew it, {_UNVERIFIED}",
    18: f"the target's certificate is self-signed: {_TRUST}",
    19: f"{_UNKNOWN}: {_TRUST}",
    20: f"{_UNKNOWN}, or the target does not send the whole chain: {_TRUST}",
    23: f"the target's certificate is revoked: renew it, {_UNVERIFIED}",
}
_CERTIFICATES[21] = _CERTIFICATES[20]
_OTHER_NAME = (62, 63, 64)
"""OpenSSL's codes (X509_V_ERR_…) for a certificate of another host, e-mail address or IP address."""

_REASONS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _NEEDED,
    "SSLV3_ALERT_NO_CERTIFICATE": _NEEDED,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the target refuses the TLS handshake: it may require a client certificate "
    f"({_GIVE}), or have no cipher in common with this host",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the target refuses the client certificate, or requires one: --cert and --key",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": f"the target refuses the client certificate: {_OWN}",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": f"the target says that the client certificate has expired: {_OWN}",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": f"the target says that the client certificate is revoked: {_OWN}",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": f"the target does not take client certificates of this kind: {_OWN}",
    "TLSV1_ALERT_UNKNOWN_CA": f"the target does not know the authority of the client certificate: {_OWN}",
    "TLSV1_ALERT_ACCESS_DENIED": f"the target denies access to this client certificate: {_OWN}",
    "TLSV1_UNRECOGNIZED_NAME": "the target has no certificate for this host name",
    "TLSV1_ALERT_INTERNAL_ERROR": "the target failed in the handshake: it may have no certificate for this host name",
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": NOT_SPOKEN,
    "TLSV1_ALERT_PROTOCOL_VERSION": _VERSION,
    "UNSUPPORTED_PROTOCOL": _VERSION,
    "NO_PROTOCOLS_AVAILABLE": _VERSION,
    "WRONG_SSL_VERSION": _VERSION,
    "WRONG_VERSION_NUMBER": _NOT_TLS,
    "HTTP_REQUEST": _NOT_TLS,
    "UNKNOWN_PROTOCOL": _NOT_TLS,
    "PACKET_LENGTH_TOO_LONG": _NOT_TLS,
    "RECORD_LAYER_FAILURE": _NOT_TLS,
    "UNEXPECTED_EOF_WHILE_READING": ENDED,
    "DH_KEY_TOO_SMALL": _WEAK,
    "EE_KEY_TOO_SMALL": _WEAK,
    "CA_KEY_TOO_SMALL": _WEAK,
    "CA_MD_TOO_WEAK": _WEAK,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _WEAK,
    "NO_CIPHERS_AVAILABLE": _WEAK,
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": "the target's TLS is too old to be safe: it cannot renegotiate securely",
}


def describe(error: ssl.SSLError) -> str:
    """One line for a person: why the target or OpenSSL refuses the connection, and what helps."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error)
    if isinstance(error, ssl.SSLEOFError):
        return ENDED
    reason = (error.reason or _said(error)).upper().replace(" ", "_")
    return _REASONS.get(reason) or f"TLS failed: {_plain(reason) or 'OpenSSL does not say why'}"


def _said(error: ssl.SSLError) -> str:
    """OpenSSL's own words of an error for which Python has no name: `[SSL] tlsv1 alert … (_ssl.c:1006)`."""
    found = re.search(r"\] ([\w ]+) \(", str(error))
    return found[1] if found else ""


def ended(error: OSError) -> bool:
    """The target closed the connection in the handshake, or had an error itself. It may only be busy."""
    own = isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError)
    return not own or error.reason == "TLSV1_ALERT_INTERNAL_ERROR"  # type: ignore[attr-defined]


def _of_certificate(error: ssl.SSLCertVerificationError) -> str:
    said = str(error.verify_message or "").rstrip(".")
    if error.verify_code in _OTHER_NAME:
        name = said.rpartition("for ")[2] or "this host"
        return f"the target's certificate is not valid for {name}: ask by a name that it has (--resolve), {_UNVERIFIED}"
    other = f"the target's certificate does not verify ({said or 'no reason is given'}): renew it, {_UNVERIFIED}"
    return _CERTIFICATES.get(error.verify_code, other)


def _plain(reason: str) -> str:
    """`TLSV1_ALERT_DECODE_ERROR` as words."""
    for prefix in ("SSLV3_", "TLSV13_", "TLSV1_"):
        reason = reason.removeprefix(prefix)
    return reason.lower().replace("_", " ")
