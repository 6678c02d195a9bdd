"""A certificate authority in a folder of the test's own: `Authority(folder).issue("client")`."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

from tests.support.nginx import Certificate

NAMES = "DNS:localhost,IP:127.0.0.1"
_CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    """`cert` is its certificate's path, `text` the certificate."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder, self._key, self.cert = folder, str(folder / f"{name}.key"), str(folder / f"{name}.pem")
        openssl("req", "-x509", "-subj", f"/CN={name}", *_CURVE, "-keyout", self._key, "-out", self.cert)
        self.text = Path(self.cert).read_text()

    def issue(self, name: str, names: str = NAMES) -> Certificate:
        """A certificate for these names, signed by it."""
        place = self._folder / name
        made, request = Certificate(f"{place}.pem", f"{place}.key"), f"{place}.csr"
        Path(f"{place}.ext").write_text(f"subjectAltName={names}\n")
        openssl("req", "-subj", f"/CN={name}", *_CURVE, "-keyout", made.key, "-out", request)
        signer = ["-CA", self.cert, "-CAkey", self._key, "-set_serial", str(abs(hash(name)) + 1)]
        openssl("x509", "-req", "-in", request, *signer, "-extfile", f"{place}.ext", "-out", made.cert)
        return made


class Place:
    """Files of a person who makes mistakes, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.authority = folder, Authority(folder)
        self.server, self.client = self.authority.issue("server"), self.authority.issue("client")
        self.other = self.authority.issue("other")
        encrypted(self.client.key)
        for name, text in (("empty", ""), ("garbage", "no certificate"), ("comment", "Főtanúsítvány\n")):
            (folder / name).write_text(text)
        openssl("x509", "-in", self.authority.cert, "-outform", "der", "-out", str(folder / "der"))
        both = Path(self.client.cert).read_text() + Path(self.client.key).read_text()
        (folder / "both.pem").write_text(f"Főtanúsítvány\n{both}")


def encrypted(key: str, *form: str) -> str:
    """The path of the key under the password `secret`, as PKCS #8, or by `-traditional` in the form of RFC 1421."""
    openssl("pkey", "-in", key, "-aes128", "-passout", "pass:secret", *form, "-out", f"{key}.enc")
    return f"{key}.enc"


def serving(pair: Certificate, asking: str = "", version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """A server's context; `asking`: it requires a client's certificate by the authority at that path."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    if asking:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(asking)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
