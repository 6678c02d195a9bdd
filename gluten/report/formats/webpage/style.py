"""The styles that only a report has: still charts, a report without its script, and paper."""

from __future__ import annotations

_INKS = ("ink", "good", "warn", "bad", "muted", *(f"c{number}" for number in range(1, 11)))

MORE = """
.report main.wrap { padding-bottom: 8px; }
.report td.wraps { min-width: 11ch; white-space: pre-wrap; }
.report tbody th { white-space: nowrap; }
.report pre { overflow-x: auto; }
.report td.slo:not(.holds, .missed) { font-weight: 400; }
html:not(.live) .moving, .live .stills { display: none; }
.still svg { display: block; width: 100%; height: auto; }
.still .grid { stroke: var(--grid); stroke-width: 1; }
.still .tick { fill: var(--muted); font-size: 12px; }
.still .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.still .line.dashed { stroke-dasharray: 6 4; stroke-width: 1.4; }
.still .mark { stroke: var(--warn); stroke-width: 1.5; stroke-dasharray: 3 3; }
.still .band { fill: var(--warn); fill-opacity: .22; }
.still .point { fill: none; stroke-width: 2; stroke: var(--muted); }
.still .point.held { fill: var(--good); stroke: none; } .still .point.missed { stroke: var(--bad); }
.still .cell { fill: var(--c1); }
.still .dot { fill: var(--c1); fill-opacity: .75; }
.still .hint { fill: transparent; }
.still .hint:hover { fill: var(--muted); fill-opacity: .14; }
.still .keys li { display: flex; align-items: center; gap: 6px; padding: 2px 10px 2px 0; color: var(--soft); }
.still .key { flex: none; width: 12px; height: 3px; }
.still .key.dashed { height: 0; border-top: 3px dashed; background: none; }
@media (max-width: 640px) {
.report .slos tbody th { white-space: normal; }
.report .slos td.wraps { min-width: 5ch; }
}
""" + "".join(
    f".still .line.{ink} {{ stroke: var(--{ink}); }} .still .pile.{ink} {{ fill: var(--{ink}); }} "
    f".still .key.{ink} {{ background: var(--{ink}); border-color: var(--{ink}); }}\n"
    for ink in _INKS
) + """
@media (max-width: 640px) { .still .tick { font-size: 18px; } }
@media print {
  :root { color-scheme: light; } html, body { background: none; } body { font-size: 12px; }
  .report :is(th, td) { padding: 3px 8px 3px 0; font-size: 10px; white-space: normal; overflow-wrap: anywhere; }
  .wrap, [data-page] .wrap { max-width: none; padding: 0; }
  .panel, .figures { border-color: #bbb; } .panel, .chart, .notice, tr { break-inside: avoid; }
  .panel:has(table, .charts) { break-inside: auto; }
  .report .charts { grid-template-columns: 1fr 1fr; }
  .live .stills { display: grid; } .report .moving { display: none; }
  .events, .scroll { max-height: none; overflow: visible; }
  * { print-color-adjust: exact; }
}
"""  # fmt: skip
