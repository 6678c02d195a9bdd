"""The usage texts: what `--help` prints, and what docopt parses. One for each command."""

from __future__ import annotations

from gluten.cli.load_options import load_options
from gluten.task.fields import FIELDS

GENERAL = """\
GLuTEN: distributed load testing, from one file.

  gluten.pyz run [LOAD OPTIONS] URL | FILE                 load from this machine alone
  gluten.pyz --master-mode [--web-port 8888] [--rpc-port 9090]    start a master
  gluten.pyz --slave-mode --master HOST:PORT [--rpc-port [PORT]]  start a slave
  gluten.pyz submit [--master HOST:PORT] [LOAD OPTIONS] [--watch] URL | FILE    send a task to a cluster
  gluten.pyz --master HOST:PORT [LOAD OPTIONS] URL         the same
  gluten.pyz watch RUN | stop RUN | adjust RUN --rate N    follow, end, change a run
  gluten.pyz runs | nodes | report RUN | compare RUN RUN   look at what there is
  gluten.pyz report FILE.json | compare FILE.json FILE.json    reports that `run` wrote, without a master
  gluten.pyz check FILE [--try] | new | schema             a workload file: is it right, an example, its JSON Schema
  gluten.pyz import har FILE | curl 'curl …' | openapi FILE    a workload file from what you have
  gluten.pyz delete RUN…                                   runs out of the history
  gluten.pyz baseline RUN                                  what later runs of its name are compared with
  gluten.pyz key show | rotate | new                       the cluster's key, which whoever is to reach the master needs
  gluten.pyz target [--port N] [--delay SPEC] [--status SPEC]     a small HTTP server to load
  gluten.pyz doctor                                        is this host fit to load from
  gluten.pyz licences | sbom                               what this file carries: licences, bill of materials
  gluten.pyz completion SHELL | man                        for bash, zsh or fish; the manual page
  gluten.pyz help COMMAND | --help | --version

Try: gluten.pyz run -t2 -c64 -d10s http://127.0.0.1:8080/
"""

_REPORT = """
Report:
  -L, --latency         print the latency distribution
  -U, --u_latency       print the service-time distribution too
  --format F            text, json, csv, html, hdr, junit or wrk; default text. wrk: what wrk prints, at a rate what
                        wrk2 prints, and nothing else
  --out FILE            write the report there too, in the format of its ending: .txt, .json, .csv, .html, .hdr, .xml
                        (JUnit), .wrk, else in that of --format; may be given again
  --quiet               no progress
"""

_COMMON = """
  --config FILE         settings; default gluten.toml where it exists
  --debug               show tracebacks; a node logs all that it and its libraries do
  --log-format F        text or json; default text
  -h, --help            this text
"""

_KEY_FILE = """\
  --key-file FILE       the file with the cluster's key; not needed where the master runs on this host as the same user
"""

_KEY = f"""\
  --key KEY             the key itself; others see it in the process list: --key-file or GLUTEN_KEY is better
{_KEY_FILE}"""

_MASTER = """
Cluster:
  --master HOST:PORT    the master's web port or rpc port, https://HOST:PORT if it has TLS; default
                        $GLUTEN_MASTER, else 127.0.0.1:9090. Several masters: HOST:PORT,HOST:PORT
"""

_CACERT = """\
  --master-cacert FILE  certificates that vouch for a master with TLS, if this system does not trust it
"""

_CLIENT = _MASTER + _CACERT + "  --cacert FILE         the same\n" + _KEY
_TARGETS = """
  --allow-target P      load only what fits P: shop.test, *.example.org, 10.0.0.0/8, each with :PORT or :LOW-HIGH if
                        wanted; may be given again. Link-local and metadata addresses always have to be listed
"""

_PUSH = """
Push, while load is made, each second:
  --otlp URL            to an OpenTelemetry collector, such as http://collector:4318, by OTLP/HTTP: metrics and events
  --otlp-header LINE    a header for it, such as 'Authorization: Bearer TOKEN'; may be given again. GLUTEN_OTLP_HEADER
                        is better: others cannot read it
  --influx URL          to an InfluxDB, by its line protocol: http://HOST:8086/api/v2/write?org=me&bucket=load, or
                        http://HOST:8086/write?db=load
  --influx-header LINE  a header for it, such as 'Authorization: Token TOKEN'; GLUTEN_INFLUX_HEADER is better
"""
_PUSH_AGAIN = "[--otlp-header LINE]... [--influx-header LINE]..."

_CEILINGS = """\
  --max-rate N          refuse what asks for more requests/s, or for no rate
  --max-connections N   refuse what asks for more connections
  --max-duration T      refuse what would last longer, or has no duration
"""

_TLS = """\
  --tls-cert FILE       TLS for the web page and gRPC, on every port: the certificate, with what leads to its root (PEM)
  --tls-key FILE        its key
  --web-host NAME       a name by which browsers reach this node, besides its addresses and the host's own name; may be
                        given again
"""

_ASK = " ".join(["[options]", *(f"[--{field.option} {field.metavar}]..." for field in FIELDS if field.repeated)])
_OUT = "[--out FILE]..."
_LOAD = load_options()
_KEY_TOO = {"key": "; without --cert: the cluster's key, as GLUTEN_KEY"}

TEXTS = {
    "run": f"""\
Load a URL, or what a workload file says, from this machine alone. In place of URL: a file (`new` prints an example), or
- for standard input.

Usage: gluten.pyz run {_ASK} [--allow-target P]... {_OUT} {_PUSH_AGAIN} URL

{_LOAD}
What may be loaded:{_TARGETS}{_REPORT}{_PUSH}{_COMMON}""",
    "submit": f"""\
Send a task to a cluster, print the run's link, end at once. In place of URL: a workload file, or - for standard input.

Usage: gluten.pyz submit {_ASK} {_OUT} URL
{_MASTER}{_CACERT}{_KEY_FILE}  --watch               follow the run to its end and print the report
  --idempotency-key K   the same key twice is one run

{load_options(_KEY_TOO)}{_REPORT}{_COMMON}""",
    "check": f"""\
Is a workload file right, and what would it do? Prints its plan and sends nothing; with --try each request
once, or a session of each scenario. In place of URL: the file, or - for standard input.

Usage: gluten.pyz check {_ASK} [--allow-target P]... URL

  --try                 send each request once, or a session of each scenario, with the first rows, and print requests,
                        responses and checks; exit code 1 if one is not good, 3 if the target cannot be reached
  --format F            of --try: text or json; default text

{_LOAD}
What may be loaded:{_TARGETS}{_COMMON}""",
    "new": f"""\
Print a workload file with comments, as an example: gluten.pyz new > load.toml. It runs against `gluten.pyz target`.

Usage: gluten.pyz new [options]
{_COMMON}""",
    "schema": f"""\
Print the JSON Schema of workload files, by which editors complete and check them.

Usage: gluten.pyz schema [options]
{_COMMON}""",
    "import": f"""\
Print a workload file made from what you have. KIND is har, curl or openapi; WHAT is a browser's recording, a curl
command in quotes, an OpenAPI or Swagger document in JSON, or - for standard input. Secrets are not written: env NAME
stands for each, and a comment says what to export.

Usage: gluten.pyz import [options] [--host NAME]... KIND WHAT

  --host NAME           of a recording: only requests to this host; may be given again
  -o, --out FILE        write the file there
{_COMMON}""",
    "master": f"""\
Start a master: it keeps the runs, serves the web page, and takes part in the load.

Usage: gluten.pyz --master-mode [options] [--allow-target P]... [--web-host NAME]... {_PUSH_AGAIN}

  --master-mode
  --open-metrics        /metrics without a token
  --web-port N          default 8888; 0: any free port
  --rpc-port N          default 9090; 0: any free port
  --bind ADDR           the address to listen on; default 0.0.0.0
  --db URL              sqlite:///FILE or postgresql://…; default a file in the data directory. Of several masters
                        on one Postgres one is active, the others stand by
  --data DIR            what this node keeps; default $XDG_DATA_HOME/gluten, else ~/.local/share/gluten
  --name NAME           this node's name; default the host's
  --no-load             do not take part in the load
{_TLS}{_KEY}  --no-auth             ask nobody for a key; allowed on loopback alone
  --lease T             a slave that has heard nothing for so long stops its load; default 15s, at least 3s
  --spool SIZE          what a node keeps on disk until the master has it; default 256M, 0: nothing
  --queue-timeout T     queued tasks fail after so long without a node; default 10m, 0: never
  --keep AGE            delete runs that ended longer ago, such as 90d; baselines stay; default: keep all

What may be loaded (totals over all nodes):{_TARGETS}{_CEILINGS}{_PUSH}{_COMMON}""",
    "slave": f"""\
Start a slave: it waits for its master, and loads what it is told.

Usage: gluten.pyz --slave-mode [options] [--web-host NAME]... [--allow-target P]...

  --slave-mode
  --master HOST:PORT    the master's rpc port or web port; default $GLUTEN_MASTER, else 127.0.0.1:9090.
                        Several masters: HOST:PORT,HOST:PORT
  --rpc-port PORT       where this slave serves its health and state; bare or 0: any free port
  --bind ADDR           the address to listen on; default 0.0.0.0
  --data DIR            what this node keeps
  --name NAME           this node's name; default the host's, with the rpc port
{_TLS}{_KEY}  --no-auth             the master asks for no key
  --spool SIZE          what a node keeps on disk until the master has it; default 256M, 0: nothing

What this slave may load, whatever its master says (its own share):{_TARGETS}{_CEILINGS}{_COMMON}""",
    "watch": f"""\
Follow a run to its end and print its report. RUN is a number, the begin of an id, or last.

Usage: gluten.pyz watch [options] {_OUT} [RUN]
{_CLIENT}{_REPORT}{_COMMON}""",
    "stop": f"""\
End a run: no request is sent after a second, anywhere.

Usage: gluten.pyz stop [options] RUN
{_CLIENT}{_COMMON}""",
    "adjust": f"""\
Change the rate of a running task.

Usage: gluten.pyz adjust [options] RUN
{_CLIENT}  -R, --rate N          the new rate in requests/s on all nodes together; with scenarios in sessions/s
{_COMMON}""",
    "delete": f"""\
Delete runs that are over, with their reports and figures. This cannot be undone. A baseline has to be unpinned before.

Usage: gluten.pyz delete [options] RUN...
{_CLIENT}{_COMMON}""",
    "runs": f"""\
List the runs, newest first.

Usage: gluten.pyz runs [options]
{_CLIENT}  --format F            text or json; default text
  --limit N             at most so many; default 20
  --search TEXT         only runs whose name or URL holds this
{_COMMON}""",
    "nodes": f"""\
List the nodes of the cluster.

Usage: gluten.pyz nodes [options]
{_CLIENT}  --format F            text or json; default text
{_COMMON}""",
    "report": f"""\
Print the report of a run. In place of RUN: a FILE.json that a report was written to (`run --out FILE.json`), or - for
standard input; then no master is asked.

Usage: gluten.pyz report [options] {_OUT} RUN
{_CLIENT}{_REPORT}{_COMMON}""",
    "compare": f"""\
Compare runs with the first of them. Whether a difference is more than noise is judged by
either of two tests (Mann and Whitney's, and Welch's), two-sided, at p < 0.01 together. They compare the runs' whole
seconds of load after the first, corrected for the likeness of neighbouring seconds; fewer than 8 such seconds say
nothing.
In place of the first RUN, `baseline` is the run pinned for the name of the second. In place of any RUN: a FILE.json
that a report was written to; where all are files no master is asked.

Usage: gluten.pyz compare [options] {_OUT} RUN RUN...
{_CLIENT}  --format F            text, json, csv, html or junit; default text
  --out FILE            write it there too, in the format of its ending: .txt, .json, .csv, .html, .xml (JUnit); may be
                        given again
  --max-regression P    exit 99 if a later run is worse than the first by more than this, such as 10%, and not by
                        what may be noise
{_COMMON}""",
    "baseline": f"""\
Pin a run as the baseline of its name, for `compare baseline RUN`; without RUN, list what is pinned.

Usage: gluten.pyz baseline [options] [RUN]
{_CLIENT}  --remove              it is the baseline no more
  --format F            text or json; default text
{_COMMON}""",
    "key": f"""\
The cluster's key: show it, or rotate it, which ends all sessions and makes the slaves ask for the new one; new prints
one that nobody has yet.

Usage: gluten.pyz key [options] ACTION

  --admin               show the token of those who may do everything, in place of the key: what a script sends as
                        Authorization: Bearer to the HTTP API and over gRPC; it dies with the key
  --viewer              the same of those who may look and change nothing
  --slave               show the key for hosts that only make load: it adds slaves, and opens nothing else
  --data DIR            the master's data directory; default $XDG_DATA_HOME/gluten, else ~/.local/share/gluten
  --master HOST:PORT    show the key of the master there, on this host
{_KEY}{_COMMON}""",
    "target": f"""\
A small HTTP server to load, for trials and proofs. GET /_gluten/count tells what it was asked.

Usage: gluten.pyz target [options] [--header LINE]...

  --port N              default 8080; 0: any free port
  --bind ADDR           default 127.0.0.1
  --delay SPEC          a time, or weighted: 900x10ms,90x50ms,9x200ms,1x1s;
                        exp:8ms: exponential, of that mean
  --servers N           work on at most N requests at once; the others wait in one queue. The delay is what a server
                        takes for a request: --servers 8 --delay exp:8ms is the queue M/M/8
  --status SPEC         a status, or weighted: 99x200,1x503
  --size SPEC           bytes of body, such as 10k, or weighted
  --body TEXT           the body itself
  -H, --header LINE     a header of each response; may be given again
  --chunked             chunked responses
  --close               close after each response
  --request-id          a header that differs in each response
  --reset SPEC          reset that share of the requests, such as 1/100
  --cert FILE           serve TLS with this certificate
  --key FILE            its key
{_COMMON}""",
    "doctor": f"""\
Is this host fit to load from? Each line is ok, warn or bad, with what mends it.

Usage: gluten.pyz doctor [options]
{_CLIENT}  -c, --connections N   the connections that you want; default 1000
  --web-port N          default 8888
  --rpc-port N          default 9090
  --data DIR            what this node keeps
  --format F            text or json; default text
{_COMMON}""",
    "licences": f"""\
Print the licences of everything that this file carries.

Usage: gluten.pyz licences [options]
{_COMMON}""",
    "sbom": f"""\
Print the bill of materials of this file: CycloneDX, as JSON.

Usage: gluten.pyz sbom [options]
{_COMMON}""",
    "completion": f"""\
Print a script by which a shell completes commands and options. SHELL is bash, zsh or fish.

Usage: gluten.pyz completion [options] SHELL
{_COMMON}""",
    "man": f"""\
Print the manual page; to read it: gluten.pyz man | man -l -

Usage: gluten.pyz man [options]
{_COMMON}""",
}
