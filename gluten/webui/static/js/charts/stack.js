// Layers on each other: each line is drawn at the sum of those below, its key shows its own figure.
const COLORS = ["c4", "c2", "c3", "c6", "c8", "c5", "c7", "c1"];

export function stack(rows, axis, pick, kinds, colors = COLORS) {
  let below = axis.map(() => 0);
  return kinds.map((kind, index) => {
    const shown = rows.column(axis, (row) => pick(row)?.[kind] ?? 0);
    const values = shown.map((value, place) => (value === null ? null : value + below[place]));
    below = values.map((value, place) => value ?? below[place]);
    const name = typeof colors === "function" ? colors(kind, index) : colors[index % colors.length];
    return { label: kind, color: name, values, shown, fill: index ? undefined : 0.4, band: index > 0, width: 1 };
  });
}
