// The loss curves as a picture that reads in light and in dark: lines are formulas, dots what was simulated.
import type { Curve, Point } from './curves.ts'

const WIDTH = 860
const HEIGHT = 400
const PLOT = { width: 310, height: 262, top: 78 }

/** One plot: what stands where, and what its axes say. */
interface Plot {
  readonly left: number
  readonly title: string
  /** What is measured upwards. */
  readonly subtitle: string
  readonly across: string
  readonly x: Axis
  readonly y: Axis
  readonly curves: readonly Curve[]
  readonly labelOf: (curve: Curve) => string
  readonly notes: readonly Note[]
}

/** Words at a place of the plot, a little up from it. */
interface Note {
  readonly x: number
  readonly y: number
  readonly words: string
  readonly anchor: 'start' | 'end'
}

interface Axis {
  readonly from: number
  readonly to: number
  readonly log?: boolean
  readonly ticks: readonly number[]
  readonly textOf: (value: number) => string
}

export function drawLosses({ lie, grief }: { lie: readonly Curve[]; grief: readonly Curve[] }): string {
  const plots: Plot[] = [
    {
      left: 52,
      title: 'What a lie earns',
      subtitle: 'on average, in what the job pays; a line for each collateral',
      across: 'share of results that somebody runs again',
      x: axis(0, 0.6, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], percent),
      y: axis(-3, 1, [-3, -2, -1, 0, 1], signed),
      curves: lie,
      labelOf: ({ name }) => `${name} ×`,
      notes: [
        { x: 0.6, y: 0.8, words: 'lying pays', anchor: 'end' },
        { x: 0.01, y: -2.9, words: 'lying is a loss', anchor: 'start' },
        ...lie.map((curve): Note => {
          const x = crossing(curve)
          return { x: x + 0.004, y: 0.03, words: percent(x), anchor: 'start' }
        }),
      ],
    },
    {
      left: 464,
      title: 'What a false challenge does',
      subtitle: 'loss of the honest provider for each unit that the challenger spends',
      across: 'base fee during the dispute, in the one at signing',
      x: { ...axis(1, 128, [1, 2, 4, 8, 16, 32, 64, 128], (fee) => `${fee} ×`), log: true },
      y: axis(-0.8, 1.2, [-0.8, -0.4, 0, 0.4, 0.8, 1.2], signed),
      curves: grief,
      labelOf: ({ name }) => name,
      notes: [
        { x: 1.1, y: 1.07, words: 'the provider loses', anchor: 'start' },
        { x: 120, y: -0.75, words: 'the bond pays more than the gas', anchor: 'end' },
      ],
    },
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title">
<title id="title">What a lie earns over the share of results that are checked, for collaterals of 1 to 20 times the job's pay; and what an honest provider loses by a false challenge over the base fee</title>
<style>
text { font: 12px system-ui, sans-serif; fill: #59636e }
.head { font-size: 15px; font-weight: 600; fill: #1f2328 }
.name { font-weight: 600; fill: #1f2328 }
.note { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
.page { fill: #ffffff }
.grid { stroke: #e4e8ec; fill: none }
.zero { stroke: #1f2328; stroke-width: 1.5; fill: none }
.line { fill: none; stroke-width: 2 }
.dot { stroke: #ffffff; stroke-width: 1 }
.c0 { --c: #6ba3ee } .c1 { --c: #4585dd } .c2 { --c: #2a66bd } .c3 { --c: #1b4a93 } .c4 { --c: #0f2f66 }
.line { stroke: var(--c) } .dot { fill: var(--c) }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 } .head, .name { fill: #f0f6fc } .page { fill: #0d1117 }
.grid { stroke: #262c36 } .zero { stroke: #f0f6fc } .dot, .note { stroke: #0d1117 }
.c0 { --c: #2f66b8 } .c1 { --c: #4585dd } .c2 { --c: #6ba3ee } .c3 { --c: #9cc4f8 } .c4 { --c: #d3e6ff }
}
</style>
<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>
${plots.map(drawPlot).join('\n')}
</svg>
`
}

function drawPlot(plot: Plot, which: number): string {
  const { left, title, subtitle, across, x, y, curves, labelOf, notes } = plot
  const { width, height, top } = PLOT
  const atX = (value: number) => left + width * share(x, value)
  const atY = (value: number) => top + height * (1 - share(y, value))
  const zero = atY(0)
  const [right, bottom] = [left + width, top + height]

  const grid = [
    ...y.ticks.map((tick) => line('grid', left, atY(tick), right, atY(tick))),
    line('zero', left, zero, right, zero),
    ...y.ticks.map((tick) => text(left - 8, atY(tick) + 4, y.textOf(tick), 'end')),
    ...x.ticks.map((tick) => text(atX(tick), bottom + 18, x.textOf(tick), 'middle')),
    text(left + width / 2, bottom + 40, across, 'middle'),
    text(left - 40, top - 44, title, 'start', 'head'),
    text(left - 40, top - 26, subtitle, 'start'),
  ]
  const clip = `<clipPath id="plot${which}"><rect x="${left}" y="${top - 4}" width="${width + 4}" height="${height + 4}"/></clipPath>`
  const drawn = curves.map((curve, i) => {
    const shade = `c${shadeOf(i, curves.length)}`
    const path = curve.points.map(({ x, formula }) => `${at(atX(x))},${at(atY(formula))}`).join(' ')
    const dots = curve.points
      .filter(({ simulated }) => simulated >= y.from)
      .map(
        ({ x, simulated }) => `<circle class="dot" cx="${at(atX(x))}" cy="${at(atY(simulated))}" r="2.8"/>`,
      )
    return `<g class="${shade}" clip-path="url(#plot${which})"><polyline class="line" points="${path}"/>${dots.join('')}</g>`
  })
  const ends = curves.map((curve) => ({ text: labelOf(curve), ...endOf(curve.points, y) }))
  const beside = apart(
    ends.filter(({ leaves }) => !leaves).map((end) => ({ ...end, at: atY(end.formula) + 4 })),
  )
  const labels = [
    ...beside.map((end) => text(right + 8, end.at, end.text, 'start', 'name')),
    ...ends
      .filter(({ leaves }) => leaves)
      .map((end) => text(atX(end.x) + 8, bottom - 8, end.text, 'start', 'name')),
  ]
  const said = notes.map(({ x, y, words, anchor }) => text(atX(x), atY(y) - 4, words, anchor, 'note'))
  return [clip, ...grid, ...drawn, ...said, ...labels].join('\n')
}

/** Where a curve ends, or leaves the plot through its floor. */
function endOf(points: readonly Point[], y: Axis): { x: number; formula: number; leaves: boolean } {
  const beyond = points.findIndex(({ formula }) => formula < y.from)
  if (beyond < 0) return { ...points.at(-1)!, leaves: false }
  const [a, b] = [points[beyond - 1]!, points[beyond]!]
  const part = (a.formula - y.from) / (a.formula - b.formula)
  return { x: a.x + (b.x - a.x) * part, formula: y.from, leaves: true }
}

/** Labels one above the other, a line's height apart at least. */
function apart<T extends { at: number }>(labels: readonly T[]): T[] {
  const sorted = [...labels].sort((a, b) => b.at - a.at)
  let lowest = Number.POSITIVE_INFINITY
  return sorted.map((label) => {
    lowest = Math.min(label.at, lowest - 14)
    return { ...label, at: lowest }
  })
}

function crossing({ points }: Curve): number {
  const after = points.findIndex(({ formula }) => formula < 0)
  const [a, b] = [points[after - 1]!, points[after]!]
  return a.x + ((b.x - a.x) * a.formula) / (a.formula - b.formula)
}

function axis(from: number, to: number, ticks: readonly number[], textOf: Axis['textOf']): Axis {
  return { from, to, ticks, textOf }
}

function share({ from, to, log }: Axis, value: number): number {
  return log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from)
}

/** Of five shades from the palest to the strongest, spread over so many curves. */
const shadeOf = (i: number, count: number) => Math.round((i * 4) / (count - 1))
const percent = (value: number) => `${Math.round(100 * value)} %`
const signed = (value: number) => (value > 0 ? `+${value}` : `${value}`.replace('-', '−'))
const at = (value: number) => value.toFixed(1)

const line = (kind: string, x1: number, y1: number, x2: number, y2: number) =>
  `<path class="${kind}" d="M${at(x1)} ${at(y1)}L${at(x2)} ${at(y2)}"/>`

const text = (x: number, y: number, words: string, anchor: string, kind?: string) =>
  `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}"${kind ? ` class="${kind}"` : ''}>${words}</text>`
