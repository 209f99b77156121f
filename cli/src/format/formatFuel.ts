import { groupThousands } from './groupThousands.ts'

const GIGA = 1_000_000_000n
const MILLI_GIGA = GIGA / 1000n

/** Fuel for people: every unit below a gigafuel, thousandths of a gigafuel (rounded up) from there on. */
export function formatFuel(fuel: bigint): string {
  if (fuel < GIGA) return `${groupThousands(fuel.toString())} fuel`
  const thousandths = (fuel + MILLI_GIGA - 1n) / MILLI_GIGA
  const fraction = (thousandths % 1000n).toString().padStart(3, '0').replace(/0+$/, '')
  return `${groupThousands((thousandths / 1000n).toString())}${fraction && `.${fraction}`} gigafuel`
}
