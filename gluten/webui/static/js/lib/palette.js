// The colours of lines, by place; as many as runs are compared at once.
const COLORS = ["c1", "c2", "c3", "c4", "c6", "c7", "c8", "c9", "c10", "c5"];

/** @type {(index: number) => string} */
export const colorOf = (index) => COLORS[index % COLORS.length];
