"""Chooses the poller of a process."""

from __future__ import annotations

import select

import gevent
from gevent.hub import set_hub  # type: ignore[attr-defined]  # the types have it elsewhere

from gluten.engine.worker.reactor.hub_poller import HubPoller
from gluten.engine.worker.reactor.poller import Poller


def install() -> Poller:
    """The poller of this thread. Call it before there is a hub: where the system has epoll, the poller is the hub."""
    if not hasattr(select, "epoll") or gevent.config.loop.__module__ != "gevent.libev.corecext":
        return HubPoller(gevent.get_hub().loop)
    # It needs libev in its compiled form.
    from gluten.engine.worker.reactor.epoll_hub import EpollHub

    hub = EpollHub()
    set_hub(hub)
    return hub
