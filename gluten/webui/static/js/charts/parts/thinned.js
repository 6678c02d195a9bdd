// Labels that would print over each other: each second, third … of them is left.
/**
 * @param {number[]} marks evenly apart, rising
 * @param {number} pixels of a step of 1 between marks
 * @param {number} apart how many pixels two labels need
 */
export function thinned(marks, pixels, apart) {
  const gap = (marks[1] - marks[0]) * pixels;
  const each = gap > 0 ? Math.ceil(apart / gap) : 1;
  return marks.filter((_, index) => index % each === 0);
}
