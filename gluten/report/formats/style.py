"""The stylesheet of the HTML report. It is dark or light as the reader's system is set, and light in print."""

from __future__ import annotations

STYLE = """\
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1a1f29; --faint: #626b7a; --edge:
  #e1e5eb;
  --s0: #2563eb; --s1: #c2410c; --s2: #0f8a6d; --s3: #9333ea; --s4: #b58900; --s5: #db2777; --s6: #0891b2;
  --s7: #65a30d; --s8: #7c5c46; --s9: #64748b;
  --good: #12753f; --good-back: #dff5e7; --warn: #8a5300; --warn-back: #fdf0d0; --bad: #b3211a; --bad-back:
  #fde4e1; }
@media screen and (prefers-color-scheme: dark) { :root { --page: #10141b; --card: #181d26; --ink: #e6e9ef;
  --faint: #98a2b3; --edge: #2b323e; --s0: #6ea3ff; --s1: #fb923c; --s2: #34d3a6; --s3: #c084fc; --s4:
  #e3b341;
  --s5: #f472b6; --s6: #22c3e6; --s7: #a3d943; --s8: #c8a68c; --s9: #94a3b8;
  --good: #6fdd9d; --good-back: #123322; --warn: #f3c667; --warn-back: #372a0d; --bad: #ff9d94; --bad-back:
  #3f1815; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 20px 40px; max-width: 1180px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0; font-size: 26px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 10px; font-size: 15px; }
.target { margin: 4px 0 0; color: var(--faint); overflow-wrap: anywhere; font-family: ui-monospace, Menlo,
  monospace;
  font-size: 14px; }
.facts { margin: 6px 0 0; color: var(--faint); font-size: 14px; }
.facts a, footer a { color: var(--s0); }
.cards, .grid2 { display: grid; gap: 14px; margin-top: 14px; }
.cards { grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); margin-top: 20px; }
.grid2 { grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); }
.column { display: grid; gap: 14px; align-content: start; min-width: 0; }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 14px 16px;
  min-width: 0; }
.card.wide { margin-top: 14px; }
.figure .name { color: var(--faint); font-size: 13px; }
.figure .value { font-size: 24px; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.3; }
.figure .note { color: var(--faint); font-size: 13px; }
details { border-top: 1px solid var(--edge); padding: 6px 0; }
details pre { overflow-x: auto; background: var(--page); border-radius: 6px; padding: 8px 10px; font-size: 13px; }
.verdict { margin-top: 18px; border-radius: 10px; padding: 11px 16px; }
.verdict ul { margin: 4px 0 0; padding-left: 20px; }
.verdict.plain { background: var(--card); border: 1px solid var(--edge); }
.verdict.valid { background: var(--good-back); color: var(--good); }
.verdict.suspect { background: var(--warn-back); color: var(--warn); }
.verdict.invalid { background: var(--bad-back); color: var(--bad); }
.slos.missed h2, .state.missed { color: var(--bad); }
.slos.held h2, .state.held { color: var(--good); }
td.state { width: 1%; white-space: nowrap; font-weight: 650; } td.state.none { font-weight: 400; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 14px 5px 0; text-align: left; vertical-align: top; border-top: 1px solid var(--edge); }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-top: 0; color: var(--faint); font-weight: 500; font-size: 13px; white-space: nowrap; }
tbody th { font-weight: 500; white-space: nowrap; }
th.n, td.n { text-align: right; white-space: nowrap; }
td.text { min-width: 11ch; overflow-wrap: anywhere; white-space: pre-wrap; }
.none { color: var(--faint); margin: 0; }
svg { display: block; width: 100%; height: auto; }
.grid { stroke: var(--edge); stroke-width: 1; }
.tick { fill: var(--faint); font-size: 12px; font-variant-numeric: tabular-nums; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.line.dashed { stroke-dasharray: 5 5; stroke-width: 1.5; }
.mark { stroke: var(--warn); stroke-width: 1.5; stroke-dasharray: 3 3; }
.band { fill: var(--warn); fill-opacity: .18; }
.point { fill: none; stroke-width: 2; stroke: var(--faint); }
.point.held { fill: var(--good); stroke: none; } .point.missed { stroke: var(--bad); }
.capacity h2 { font-size: 18px; }
.cell { fill: var(--s0); }
.hint { fill: transparent; }
.hint:hover { fill: var(--faint); fill-opacity: .14; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; list-style: none; margin: 0 0 8px; padding: 0;
  color: var(--faint); font-size: 13px; }
.key { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px;
  vertical-align: middle; }
""" + "".join(
    f".line.s{n} {{ stroke: var(--s{n}); }} .bar.s{n} {{ fill: var(--s{n}); }} "
    f".key.s{n} {{ background: var(--s{n}); }}\n"
    for n in range(10)
) + """\
.key.dashed { background: repeating-linear-gradient(90deg, currentColor 0 4px, transparent 4px 7px); }
.line.dashed { stroke: var(--faint); }
h3 { margin: 14px 0 4px; font-size: 14px; } h3 small { font-weight: 400; color: var(--faint); }
.fall th, .fall td { vertical-align: middle; padding-top: 3px; padding-bottom: 3px; }
.fall th { width: 20%; } .fall .n { width: 1%; min-width: 62px; }
.fall .pause th { font-weight: 400; color: var(--faint); }
.fall .track { min-width: 140px; } .fall svg { height: 12px; } .fall .s9 { fill-opacity: .35; }
.fall .s0 { stroke: var(--s0); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
footer { margin-top: 22px; color: var(--faint); font-size: 13px; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; background: none; font-size: 12px; } .card {
  break-inside: avoid; }
  .grid2 { grid-template-columns: 1fr 1fr; } * { print-color-adjust: exact; } }
"""  # fmt: skip
