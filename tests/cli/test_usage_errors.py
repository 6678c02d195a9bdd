"""The error about wrong arguments names the wrong one."""

from __future__ import annotations

import pytest

from gluten.cli.arguments import parse
from gluten.errors import UsageError

URL = "http://127.0.0.1:1/"

WRONG = [
    (["run"], "URL is missing; usage: gluten.pyz run [options] URL"),
    (["run", "-t", "2", "--quiet"], "URL is missing; usage: gluten.pyz run [options] URL"),
    (["run", URL, "more"], "'more': one word too many; usage: gluten.pyz run [options] URL"),
    (["run", URL, "http://me:CANARY@b/"], "'http://*********@b/': one word too many; usage: "),
    (["run", "-t1", "-t", "2", URL], "--threads: given twice"),
    (["run", "--thr", "1", "--threads=2", "-t3", URL], "--threads: given 3 times"),
    (["run", "--quiet=yes", URL], "--quiet: takes no value"),
    (["run", "-LL", URL], "--latency: given twice"),
    (["watch", "1", "2"], "'2': one word too many; usage: gluten.pyz watch [options] [RUN]"),
    (["compare"], "RUN is missing; usage: gluten.pyz compare [options] RUN RUN..."),
    (["compare", "1"], "RUN is missing; usage: gluten.pyz compare [options] RUN RUN..."),
    (["stop"], "RUN is missing; usage: gluten.pyz stop [options] RUN"),
    (["runs", "x"], "'x': one word too many; usage: gluten.pyz runs [options]"),
    (["--master", "h:1", "-t2"], "URL is missing; usage: gluten.pyz submit [options] URL"),
    (["--master", "h:1", "runs"], "'runs': a command comes first: gluten.pyz runs [options]"),
    (["--master", "h:1", "--key-file", "key"], "URL is missing"),
    (["--key-file", "key", "report", "7"], "'report': a command comes first: gluten.pyz report [options]"),
    (["--master-mode", "x"], "'x': one word too many; usage: gluten.pyz --master-mode [options]"),
    (["--slave-mode", "--rpc-port", "--quiet-ly"], "--quiet-ly: no such option"),
    (
        ["run", "--conections", "4", URL],
        "--conections: no such option: see `gluten.pyz help run`; did you mean --connections?",
    ),
    (
        ["run", "--durration=9s", URL],
        "--durration: no such option: see `gluten.pyz help run`; did you mean --duration?",
    ),
    (["submit", "--wach", URL], "--wach: no such option: see `gluten.pyz help submit`; did you mean --watch?"),
    (["run", "--dr", "9s", "--xyzzy", URL], "--xyzzy: no such option: see `gluten.pyz help run`"),
    (["run", "--co", "4", URL], "--co: may be --connections or --config: see `gluten.pyz help run`"),
    (["rnu", URL], "'rnu' is not a command: see `gluten.pyz --help`; did you mean run?"),
    (["reports"], "'reports' is not a command: see `gluten.pyz --help`; did you mean report?"),
    (["shop.test:80"], "'shop.test:80' is not a command: see `gluten.pyz --help`; a URL begins with http://"),
    (["start"], "'start' is not a command: see `gluten.pyz --help`"),
    (["run", "-t"], "-t: a value must follow"),
    (["report", "\udcff"], "'\\udcff': is not a RUN: it has bytes that are not UTF-8"),
    (["compare", "1", "\udcff"], "'\\udcff': is not a RUN: it has bytes that are not UTF-8"),
]


@pytest.mark.parametrize(("argv", "words"), WRONG, ids=lambda value: str(value)[:50])
def test_the_argument_that_is_wrong_is_named(argv: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(argv, {})
    assert str(caught.value).startswith(words)
    assert ("did you mean" in str(caught.value)) == ("did you mean" in words)
    assert "CANARY" not in str(caught.value)


def test_what_may_be_given_again_may_be() -> None:
    found = parse(["run", "-H", "a: 1", "--header=b: 2", "--resolve", "a:1:b", "--resolve", "b:1:c", URL], {})
    assert found.options["header"] == ["a: 1", "b: 2"]
    assert len(parse(["compare", "1", "2", "3"], {}).words) == 3
