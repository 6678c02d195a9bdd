"""Hosts that are network namespaces, joined by a bridge."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

NOWHERE = "02:00:00:00:de:ad"


def ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"


class Network:
    """Namespaces `gl<pid>-<host>` at a bridge that lives in one of its own; `hosts` are addresses in a /24 by name."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        self._hosts, self._prefix = hosts, f"gl{os.getpid()}-"
        self.switch = self._prefix + "switch"

    def inside(self, host: str) -> list[str]:
        """What starts a command there."""
        return ["ip", "netns", "exec", self.name(host)]

    def name(self, host: str) -> str:
        return self._prefix + host

    def open(self) -> None:
        ip("netns", "add", self.switch)
        ip("-n", self.switch, "link", "add", "bridge", "type", "bridge")
        ip("-n", self.switch, "link", "set", "bridge", "up")
        for index, (host, address) in enumerate(self._hosts.items()):
            space, port = self.name(host), f"port{index}"
            ip("netns", "add", space)
            ip("-n", self.switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space)
            ip("-n", self.switch, "link", "set", port, "master", "bridge", "up")
            ip("-n", space, "address", "add", f"{address}/24", "dev", "eth0")
            ip("-n", space, "link", "set", "eth0", "up")
            ip("-n", space, "link", "set", "lo", "up")

    def close(self) -> None:
        for space in (*map(self.name, self._hosts), self.switch):
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)

    def cut(self, sender: str, receiver: str) -> None:
        """What `sender` sends to `receiver` vanishes from now on."""
        space = ["-n", self.name(sender)]
        ip(*space, "neigh", "replace", self._hosts[receiver], "lladdr", NOWHERE, "dev", "eth0", "nud", "permanent")

    def heal(self, sender: str, receiver: str) -> None:
        ip("-n", self.name(sender), "neigh", "del", self._hosts[receiver], "dev", "eth0")

    def open_only(self, host: str, port: int, friend: str) -> None:
        """`host` takes from the others nothing but connections to `port`, and everything from `friend`.

        By routing rules, which every kernel has that has namespaces with addresses: what they prohibit has no way in.
        """
        rule = ["-n", self.name(host), "rule", "add"]
        ip(*rule, "pref", "100", "lookup", "local")
        ip("-n", self.name(host), "rule", "del", "pref", "0")
        ip(*rule, "pref", "10", "iif", "eth0", "ipproto", "tcp", "dport", str(port), "lookup", "local")
        ip(*rule, "pref", "11", "iif", "eth0", "from", self._hosts[friend], "lookup", "local")
        for protocol in ("tcp", "udp"):  # not ARP, by which a neighbour is found
            ip(*rule, "pref", "12", "iif", "eth0", "ipproto", protocol, "prohibit")
