"""The answer of a search in a sentence that somebody can sign. Pure."""

from __future__ import annotations

from gluten.document_parts import CapacityDocument


def rate_text(rate: float, unit: str) -> str:
    """12,400/s; 7.5/s; sessions are named."""
    number = f"{rate:,.0f}" if rate >= 100 else f"{rate:.4g}"
    return f"{number} {unit}" if unit.startswith("session") else f"{number}/s"


def sentence(found: CapacityDocument) -> str:
    """Such as: holds 12,400/s (95 %), misses at 12,650/s: p99 < 250ms; the target was the limit."""
    unit, sure = found["unit"], f"({found['confidence'] * 100:.0f} %)"
    holds, misses = found["holds"], found["misses"]
    parts = ["nothing holds" if holds is None else f"holds {rate_text(holds, unit)} {sure}"]
    if misses is not None:
        parts.append(f"misses at {rate_text(misses, unit)}: {found['slo']}")
    return ", ".join(parts) + _limit(found)


def _limit(found: CapacityDocument) -> str:
    if found["limit"] is None:
        return "; the search goes on"
    if found["limit"] == "generator":
        return f"; at least: the generator {found['node'] or 'side'} was the limit"
    return "; the target was the limit" if found["limit"] == "target" else "; no more was asked for"
