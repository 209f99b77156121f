/**
 * Index of the first entry from `first` (inclusive) to `end` (exclusive) whose text from `offset` on is not
 * before `key`; `end` if there is none. The entries are sorted as JavaScript compares strings.
 */
export function lowerBound(
  sorted: readonly string[],
  key: string,
  { offset = 0, first = 0, end = sorted.length } = {},
): number {
  let low = first
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]!.slice(offset, offset + key.length) < key) low = middle + 1
    else high = middle
  }
  return low
}
