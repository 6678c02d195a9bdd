"""The start of the zipapp: it checks that the file fits this host, finds where it is unpacked, and runs the program.

In the archive `targets` has a line `KEY IDENTITY` for each host that the file serves. `manifest/KEY` has a line
`SHA256 SIZE PATH` for each file of that host. IDENTITY is the manifest's SHA-256. `contents` has the contents of all
files, one after the other, and `index` a line `SHA256 METHOD LENGTH` for each of them: Python reads the names of all
entries at each start, so they are few.
Old Pythons read this module too, so it has no syntax newer than 3.6.
"""

import os
import sys
from zipimport import zipimporter

from gluten_bootstrap.host import Refusal, check_libc, host_key


def start(archive: str) -> int:
    """Runs the program in `archive` and returns its exit code, which is 2 if it cannot run on this host."""
    try:
        directory = _unpacked(archive)
    except Refusal as refusal:
        return _refused(archive, str(refusal))
    except ImportError as error:  # such as Debian's python3-minimal
        why = f"this Python's standard library is incomplete ({error}): on Debian: apt install python3"
        return _refused(archive, why)
    sys.path[0] = directory  # in place of the archive, so that no import searches it again
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
