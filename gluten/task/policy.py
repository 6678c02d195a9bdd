"""What a node may load: which targets, and how much. Each node checks a task against its own policy. Pure.

A pattern is a host (`shop.test`, `*`, or `*.example.org` for any name below it), an address or a network (`10.0.0.0/8`,
`[fd00::]/8`). It may have a port or a range of ports (`shop.test:443`, `10.0.0.0/8:8000-8999`). Without patterns every
target may be loaded except those of `address.guarded`. Those must be listed themselves: a wider network or a name does
not list them. A name counts for addresses that the node's own resolver gave, not for `--resolve`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import NamedTuple

from gluten.errors import ConfigError, Refused
from gluten.task import address as places
from gluten.task.address import Address, Network
from gluten.task.task import Task

NOT_ALLOWED = "target not allowed"
"""How every refusal of a target begins."""
REFUSED = "refused"
"""The kind of an ending when a node would not do its part."""

# These are compiled when they are needed, because most commands have no pattern.
_PATTERN = (
    r"(?P<host>\[[^\]]*\](?:/\d+)?|[^:\[\]]+)(?::(?P<low>\d{1,5})(?:-(?P<high>\d{1,5}))?)?"
    r"|(?P<bare>[^\[\]:]*:[^\[\]:]*:[^\[\]]*)"
)
_NAME = r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?"
_ALL = (ipaddress.IPv4Network("0.0.0.0/0"), ipaddress.IPv6Network("::/0"))


class Pattern(NamedTuple):
    """`text` is what the operator wrote. `name` is empty if `networks` are meant. `ports` includes both ends."""

    text: str
    name: str
    networks: tuple[Network, ...]
    ports: tuple[int, int]

    def has_port(self, port: int) -> bool:
        return self.ports[0] <= port <= self.ports[1]

    def names(self, host: str, port: int) -> bool:
        """Whether the pattern is this host's name. Its addresses do not matter."""
        if not self.name or not self.has_port(port):
            return False
        return host.endswith(self.name[1:]) if self.name.startswith("*.") else host == self.name

    def holds(self, place: Address, port: int) -> bool:
        """Whether the address is in one of the networks. Behind NAT64's own prefix its IPv4 address counts, too."""
        whole = (place, *places.faces(place)[1:]) if place in places.NAT64 else (place,)
        return self.has_port(port) and any(_within(face, net) for face in whole for net in self.networks)

    def lists(self, face: Address, guarded: Network, port: int) -> bool:
        """Whether the pattern lists the guarded address itself. A network that also holds other addresses does not."""
        return self.has_port(port) and any(
            _within(face, net) and net.prefixlen >= guarded.prefixlen for net in self.networks
        )


class Policy(NamedTuple):
    """`max_rate` is in requests/s, `max_duration` in s. None: no ceiling. On a master they are totals over the cluster.
    On a slave they limit its share of everything that it does at the same time."""

    allow: tuple[Pattern, ...] = ()
    max_rate: float | None = None
    max_connections: int | None = None
    max_duration: float | None = None

    def refuses(self, task: Task, owner: str = "this master") -> str:
        """Why a task is refused: it exceeds a ceiling, or its target is known not to be allowed. Empty: it is
        accepted."""
        whole = task.resolved(1)
        # Elastic connections keep to the ceiling by themselves, but for one a thread.
        peak = max(filter(None, (task.search_to, task.peak, task.at_least)), default=None)
        return self.over(peak, whole.connections or whole.thread_count, task.duration, owner) or self.target(
            task, owner
        )

    def bounded(self, task: Task) -> Task:
        """A search for the capacity that goes no higher than the ceiling; any other task as it is."""
        if not task.find_capacity or self.max_rate is None or task.search_to is not None:
            return task
        asked = max(task.peak or 0.0, task.at_least or 0.0)
        return task._replace(search_to=self.max_rate) if asked <= self.max_rate else task

    def check(self, task: Task, owner: str = "this master") -> None:
        """Raises `Refused`."""
        if why := self.refuses(task, owner):
            raise Refused(why)

    def check_rate(self, rate: float, owner: str = "this master") -> None:
        """Raises `Refused`."""
        if why := self._over_rate(rate, owner):
            raise Refused(why)

    def over(self, rate: float | None, connections: int, duration: float | None, owner: str) -> str:
        """Which ceiling is too low for this, in words. Empty: none. A `rate` or `duration` of None has no limit."""
        if self.max_connections is not None and connections > self.max_connections:
            return f"connections: {connections} is above the {self.max_connections} of {owner}'s --max-connections"
        if self.max_duration is not None and duration is None:
            return f"duration: {owner}'s --max-duration is {self.max_duration:g} s, and the task has no limit: give -d"
        if self.max_duration is not None and (duration or 0) > self.max_duration:
            return f"duration: {duration:g} s is above the {self.max_duration:g} s of {owner}'s --max-duration"
        return self._over_rate(rate, owner)

    def target(self, task: Task, owner: str = "this master") -> str:
        """Why no address of the target may be loaded, as far as that is known without a resolver. Empty: one may be."""
        known = _named_addresses(task)
        whys = [self.connecting(task, text, owner) for text in known]
        if known:
            return "" if "" in whys else whys[0]
        host = places.plain_name(task.target.hostname or "")
        possible = any(p.names(host, task.port) or (p.networks and p.has_port(task.port)) for p in self.allow)
        return "" if possible or not self.allow else self._unlisted(f"{host}:{task.port}", owner)

    def connecting(self, task: Task, address: str, owner: str = "this node") -> str:
        """Why this node may not connect to this address of the task's target, in words. Empty: it may.

        Ask it about the very address that a socket is given. A text that is no address is refused.
        """
        host, port = places.plain_name(task.target.hostname or ""), task.port
        try:
            place = places.canonical(address)
        except ValueError:
            return f"{NOT_ALLOWED}: {address[:80]!r} is not an IP address"
        where = str(place) if places.literal(host) == place else f"{host} at {address}"
        if what := self._guarded(place, port):
            return f"{NOT_ALLOWED}: {where} is {what}: if it is meant, give {owner} --allow-target {place}"
        by_name = not _named_addresses(task) and any(p.names(host, port) for p in self.allow)
        if not self.allow or by_name or any(p.holds(place, port) for p in self.allow):
            return ""
        return self._unlisted(f"{where} port {port}", owner)

    def _guarded(self, place: Address, port: int) -> str:
        """What the address, or one that it leads to, is guarded as. Empty if a pattern lists it, or if it is not
        guarded."""
        own = ipaddress.ip_network(place)
        for face in places.faces(place):
            found = places.guarded(face)
            if found and not any(p.lists(face, found[0], port) or p.lists(place, own, port) for p in self.allow):
                return found[1] if face == place else f"a way to {face}, {found[1]}"
        return ""

    def _over_rate(self, rate: float | None, owner: str) -> str:
        if self.max_rate is None:
            return ""
        if rate is None:
            return f"rate: {owner}'s --max-rate is {self.max_rate:g}/s, and a closed loop has no limit: give -R"
        if rate > self.max_rate * (1 + 1e-9):  # a sum of shares is not exact
            return f"rate: {rate:g}/s is above the {self.max_rate:g}/s of {owner}'s --max-rate"
        return ""

    def _unlisted(self, where: str, owner: str) -> str:
        patterns = ", ".join(pattern.text for pattern in self.allow[:5]) + (", …" if len(self.allow) > 5 else "")
        return f"{NOT_ALLOWED}: {where} is in none of {owner}'s --allow-target patterns ({patterns})"


OPEN = Policy()
"""The policy of a node without options for it: no patterns, and no ceilings."""


def read_pattern(text: str) -> Pattern:
    """Raises ConfigError, which names the option."""
    found = re.fullmatch(_PATTERN, text.strip().lower())
    if found is None:
        raise _wrong(text)
    host, ports = found["host"] or found["bare"], _ports(text, found["low"], found["high"])
    if host == "*":
        return Pattern(text, "", _ALL, ports)
    network = _network(text, host)
    if network is not None:
        return Pattern(text, "", (network,), ports)
    name = places.plain_name(host)
    if not re.fullmatch(_NAME, name) or places.literal(name) is not None:
        raise _wrong(text)
    return Pattern(text, name, (), ports)


def read_patterns(texts: Iterable[str]) -> tuple[Pattern, ...]:
    """Raises ConfigError."""
    return tuple(read_pattern(text) for text in texts)


def _ports(text: str, low: str | None, high: str | None) -> tuple[int, int]:
    if low is None:
        return 1, 65535
    ports = int(low), int(high or low)
    if not 0 < ports[0] <= ports[1] <= 65535:
        raise _wrong(text)
    return ports


def _network(text: str, host: str) -> Network | None:
    """The address or network that a pattern's host stands for; None for a name. Raises ConfigError."""
    bare = host.replace("[", "").replace("]", "")
    try:
        network = ipaddress.ip_network(bare)
    except ValueError:
        if "/" in bare or ":" in bare:
            raise _wrong(text) from None
        return None
    if isinstance(network, ipaddress.IPv6Network) and (inside := network.network_address.ipv4_mapped):
        # IPv4 inside IPv6 is IPv4 to the kernel, and so to us.
        return ipaddress.ip_network((inside, max(0, network.prefixlen - 96)))
    return network if network.num_addresses > 1 else ipaddress.ip_network(places.canonical(bare.partition("/")[0]))


def _named_addresses(task: Task) -> list[str]:
    """The target's addresses that the task itself gives, by `--resolve` or in the URL. No resolver is asked."""
    if ruled := task.ruled_addresses:
        return ruled
    found = places.literal(task.target.hostname or "")
    return [] if found is None else [str(found)]


def _within(place: Address, network: Network) -> bool:
    return place.version == network.version and place in network


def _wrong(text: str) -> ConfigError:
    return ConfigError(
        f"--allow-target: {text[:80]!r} is not a pattern such as shop.test, *.example.org, 10.0.0.0/8 or HOST:80-90"
    )
