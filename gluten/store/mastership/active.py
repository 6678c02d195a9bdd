"""What the active master writes about itself into Postgres, for the masters that stand by."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

NAME = "master"
_WRITE = f"""insert into gluten_meta (name, content) values ('{NAME}', %s) on conflict (name)
    do update set content = excluded.content"""


@dataclass(frozen=True, slots=True)
class ActiveMaster:
    """`web` is the address of its page (http://HOST:PORT), `rpc` that for commands (HOST:PORT). `key` is made from its
    cluster's key, which it does not reveal. Texts are empty where nothing is known."""

    name: str = ""
    web: str = ""
    rpc: str = ""
    key: str = ""


def write(cursor: Any, master: ActiveMaster) -> None:
    cursor.execute(_WRITE, (json.dumps(asdict(master)),))


def read(cursor: Any) -> ActiveMaster:
    """The tables must exist."""
    cursor.execute(f"select content from gluten_meta where name = '{NAME}'")
    row = cursor.fetchone()
    return ActiveMaster(**json.loads(row[0])) if row else ActiveMaster()
