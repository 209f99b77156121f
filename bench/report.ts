// What a bench measures and how people read it.

/** A measured figure beside what it has to beat. `aim` is the largest (or, `atLeast`, the smallest) that is good. */
export interface Figure {
  name: string
  value: number
  aim?: number
  atLeast?: boolean
  unit: string
}

export interface Bench {
  /** The object that `--json` prints: plain figures by name. */
  json: Record<string, unknown>
  figures: Figure[]
  /** What people read instead, where figures beside their aims would not do. */
  table?: string
}

/** One figure a line, beside its aim. */
export function table({ figures }: Bench): string {
  const rows = figures.map(({ name, value, aim, atLeast, unit }) => {
    const met = aim === undefined ? '' : (atLeast ? value >= aim : value <= aim) ? 'met' : 'MISSED'
    const bound = aim === undefined ? '' : `${atLeast ? '≥' : '≤'} ${aim.toLocaleString('en')}`
    return [name, value.toLocaleString('en'), unit, bound, met]
  })
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 1 || i === 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  '),
    )
    .join('\n')
}
