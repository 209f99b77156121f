import { CliError } from '../failures/CliError.ts'

/** A family of units: the factors by suffix, and how to write one. */
interface Scale {
  readonly factors: Readonly<Record<string, number>>
  readonly example: string
  /** Whether what is left of a unit counts. */
  readonly fractions?: boolean
}

const FUEL: Scale = { factors: { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 }, example: '500M or 2.5G' }
const STEPS: Scale = { ...FUEL, example: '2000000 or 2M, or `end`' }
const TIME: Scale = {
  fractions: true,
  factors: { '': 1, s: 1, m: 60, min: 60, h: 3600, d: 86_400 },
  example: '90s, 5m or 2h',
}
const SIZE: Scale = {
  factors: { '': 1, k: 1024, K: 1024, KiB: 1024, M: 2 ** 20, MiB: 2 ** 20, G: 2 ** 30, GiB: 2 ** 30 },
  example: '256M or 1GiB',
}

/** Units of fuel: `1000000`, `500M`, `2.5G`. */
export const parseFuel = (text: string, option: string): bigint => BigInt(parse(text, option, FUEL))

/** Steps of a run, written as fuel is. */
export const parseSteps = (text: string, option: string): bigint => BigInt(parse(text, option, STEPS))

/** Seconds, also parts of one: `90`, `0.5s`, `90s`, `5m`, `2h`, `1d`. */
export const parseDuration = (text: string, option: string): number => parse(text, option, TIME)

/** Bytes: `65536`, `256M`, `1GiB`. */
export const parseSize = (text: string, option: string): number => parse(text, option, SIZE)

/** A percentage between 1 and 100: `50` or `50%`. */
export function parsePercent(text: string, option: string): number {
  const found = /^(\d+)%?$/.exec(text.trim())
  const value = found ? Number(found[1]) : 0
  if (value < 1 || value > 100) throw refuse(text, option, 'a whole percentage such as 50%')
  return value
}

/** A part of a whole from 0% to 100%, as a fraction: `100%`, `2.5%`. */
export function parseShare(text: string, option: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim())
  const value = found ? Number(found[1]) / 100 : 2
  if (value > 1) throw refuse(text, option, 'a percentage such as 100% or 2.5%')
  return value
}

/** A whole number of at least `least`. */
export function parseCount(text: string, option: string, least = 0): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : -1
  if (value < least || !Number.isSafeInteger(value))
    throw refuse(text, option, `a whole number of at least ${least}`)
  return value
}

function parse(text: string, option: string, { factors, example, fractions = false }: Scale): number {
  const found = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim())
  const factor = found ? factors[found[2]!] : undefined
  if (!found || factor === undefined) throw refuse(text, option, example)
  const exact = Number(found[1]) * factor
  const value = fractions ? exact : Math.round(exact)
  if (value > Number.MAX_SAFE_INTEGER) throw refuse(text, option, `${example}, and not as much`)
  return value
}

function refuse(text: string, option: string, wanted: string): CliError {
  return new CliError('bad-value', `${option}: ${JSON.stringify(text)} cannot be read.`, {
    remedy: `Write ${wanted}.`,
  })
}
