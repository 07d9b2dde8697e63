/** The top of a scale that reaches as far as this: a number that people read at a glance, as is its half. Whole
 * numbers stay whole. */
export function topOf(most: number): number {
  const size = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  const steps = [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * size);
  const even = steps.filter((step) => step % 2 === 0 || size >= 10);
  return even.find((step) => step >= most) ?? 10 * size;
}
