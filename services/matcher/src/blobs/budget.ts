export interface Stored {
  root: string
  size: number
  /** Unix milliseconds. */
  usedAt: number
}

/**
 * What goes so that `incoming` bytes fit into `limit`: the longest unused first, never what a live lease
 * needs. Undefined where even that does not make room.
 */
export function chooseEvicted(
  stored: readonly Stored[],
  needed: ReadonlySet<string>,
  incoming: number,
  limit: number,
): Stored[] | undefined {
  let over = stored.reduce((sum, blob) => sum + blob.size, incoming) - limit
  const evicted: Stored[] = []
  const byAge = stored.filter((blob) => !needed.has(blob.root)).sort((a, b) => a.usedAt - b.usedAt)
  for (const blob of byAge) {
    if (over <= 0) break
    evicted.push(blob)
    over -= blob.size
  }
  return over > 0 ? undefined : evicted
}
