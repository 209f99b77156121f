// The official suite's assertions on functions that are named for the one float instruction in them.
import { type Command, suiteFiles } from '../../../../machine/src/testing/suite.ts'
import { canonical, canonicalNan } from './hardware.ts'
import { INSTRUCTIONS, type Instruction } from './instructions.ts'

export interface Case {
  readonly pair: readonly [bigint, bigint]
  /** Null where it must trap. */
  readonly expected: bigint | null
  readonly where: string
}

export function officialCases(): Map<Instruction, Case[]> {
  const byName = new Map(INSTRUCTIONS.map((each) => [each.name, each]))
  const cases = new Map<Instruction, Case[]>()
  for (const file of suiteFiles()) {
    const format = file.name.match(/^(f32|f64)(_cmp|_bitwise)?$/)?.[1]
    if (!format && file.name !== 'conversions' && file.name !== 'float_misc') continue
    for (const command of file.commands) {
      const field = command.action?.field
      const instruction = byName.get(format ? `${format}.${field}` : `${field}`)
      const found = instruction && caseOf(command, instruction, file.name)
      if (!found) continue
      const list = cases.get(instruction) ?? []
      list.push(found)
      cases.set(instruction, list)
    }
  }
  return cases
}

function caseOf(command: Command, instruction: Instruction, file: string): Case | null {
  const { type, action, expected, line } = command
  if (type !== 'assert_return' && type !== 'assert_trap') return null
  const [a, b = 0n] = action!.args.map(({ value }) => BigInt(value!))
  const bits = type === 'assert_trap' ? null : expectedBits(instruction, expected![0]!.value!)
  return { pair: [a!, b], expected: bits, where: `${file}.wast:${line}` }
}

/** Where the suite allows more than one NaN, the machine allows one. */
function expectedBits({ result, makesNan }: Instruction, value: string): bigint {
  if (value.startsWith('nan:')) return canonicalNan(result)
  return makesNan ? canonical(result, BigInt(value)) : BigInt(value)
}
