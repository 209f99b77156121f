/** Unix seconds for people, with the number beside. */
export function time(seconds: number | bigint): string {
  const date = new Date(Number(seconds) * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : `${date.toISOString()} (${seconds})`
}
