"""The start of the zipapp: is it the right file for this host, where is it unpacked, then the program itself.

The archive is flat. `targets` has a line for each host that it serves, `KEY IDENTITY`; `manifest/KEY` has one
for each file of that host's tree, `SHA256 SIZE PATH`; `o/SHA256` is the content. IDENTITY is the manifest's
SHA-256. Old Pythons read this module too: no syntax newer than 3.6 until the host is known to fit.
"""

import os
import sys
from zipimport import zipimporter

from gluten_bootstrap.host import Refusal, check_libc, host_key


def start(archive: str) -> int:
    """Runs the program carried by `archive` and returns its exit code; 2 where it cannot run on this host."""
    try:
        directory = _unpacked(archive)
    except Refusal as refusal:
        return _refused(archive, str(refusal))
    except ImportError as error:  # such as Debian's python3-minimal
        return _refused(archive, f"this Python's standard library is not whole ({error}): Debian: apt install python3")
    sys.path[0] = directory  # was the archive: no import shall search it again
    from gluten.__main__ import main

    return main()


def _refused(archive: str, why: str) -> int:
    sys.stderr.write(f"{os.path.basename(archive)}: {why}\n")
    return 2


def _unpacked(archive: str) -> str:
    files = zipimporter(archive)
    identities = dict(line.split() for line in _text(files, archive, "targets").splitlines())
    key = host_key()
    if key not in identities:
        from gluten_bootstrap.words import described, served

        here = f"this is {described(key)}: use the file that was built for it"
        raise Refusal(f"this file is for {served(identities)}; {here}")
    check_libc()
    from gluten_bootstrap.cache import Tree, roots, unpacked

    return unpacked(archive, Tree(identities[key], _text(files, archive, "manifest/" + key)), roots(os.environ))


def _text(files: zipimporter, archive: str, name: str) -> str:
    try:
        return files.get_data(os.path.join(archive, name)).decode()
    except (OSError, UnicodeError) as error:
        raise Refusal(f"this file is damaged ({error}): copy it again")
