/** A directed graph as rows: the successors of vertex v are `next[first[v]] … next[first[v + 1] − 1]`. */
export interface Rows {
  readonly first: Int32Array
  readonly next: Int32Array
}

/** The rows of so many vertices, from pairs of vertices. */
export function rowsOf(
  vertices: number,
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  count: number,
): Rows {
  const first = new Int32Array(vertices + 1)
  for (let i = 0; i < count; i++) first[from[i]! + 1]!++
  for (let v = 0; v < vertices; v++) first[v + 1]! += first[v]!
  const at = first.slice(0, vertices)
  const next = new Int32Array(count)
  for (let i = 0; i < count; i++) next[at[from[i]!]!++] = to[i]!
  return { first, next }
}

export interface Components {
  /** All vertices; each comes after what it leads to, but for those of its own component. */
  readonly order: Int32Array
  /** By vertex: 1 if some way leads from it to itself. */
  readonly cyclic: Uint8Array
}

/**
 * Strongly connected components, by Tarjan's algorithm without recursion.
 *
 * @param isSink vertices whose successors are left out
 */
export function components({ first, next }: Rows, isSink: (vertex: number) => boolean): Components {
  const count = first.length - 1
  const number = new Int32Array(count)
  const low = new Int32Array(count)
  const onStack = new Uint8Array(count)
  const at = new Int32Array(count)
  const cyclic = new Uint8Array(count)
  const order = new Int32Array(count)
  const stack: number[] = []
  const path: number[] = []
  let numbered = 0
  let ordered = 0

  const enter = (v: number) => {
    number[v] = low[v] = ++numbered
    at[v] = first[v]!
    onStack[v] = 1
    stack.push(v)
    path.push(v)
  }

  for (let root = 0; root < count; root++) {
    if (number[root] !== 0) continue
    enter(root)
    while (path.length > 0) {
      const v = path.at(-1)!
      if (at[v]! < first[v + 1]! && !isSink(v)) {
        const w = next[at[v]!++]!
        if (w === v) cyclic[v] = 1
        if (number[w] === 0) enter(w)
        else if (onStack[w]) low[v] = Math.min(low[v]!, number[w]!)
        continue
      }
      path.pop()
      const above = path.at(-1)
      if (above !== undefined) low[above] = Math.min(low[above]!, low[v]!)
      if (low[v] !== number[v]) continue
      const single = stack.at(-1) === v
      for (;;) {
        const w = stack.pop()!
        onStack[w] = 0
        order[ordered++] = w
        if (!single) cyclic[w] = 1
        if (w === v) break
      }
    }
  }
  return { order, cyclic }
}
