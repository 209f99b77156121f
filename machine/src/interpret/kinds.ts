/**
 * Kinds: what instructions become before they are interpreted. Mostly one for an instruction; more where an immediate
 * decides what is to be done (which memory, how large a constant), fewer where it does not matter (globals and
 * registers are slots at an address). A kind's number is its handler's.
 */
import { INSTRUCTIONS } from '../isa/instructions.ts'
import { OPCODE } from '../isa/opcode.gen.ts'

const MEMORIES = ['module', 'library'] as const

/** Instructions that have a handler of the same name. */
const SAME = [
  'br',
  'br_if',
  'br_unless',
  'br_table',
  'return',
  'return_one',
  'return_link',
  'call',
  'call_indirect',
  'drop',
  'select',
  'enter',
  'slide',
  'local.get',
  'local.set',
  'local.tee',
  'const',
  'const.low',
  'global.get',
  'global.set',
]

const NUMERIC = INSTRUCTIONS.filter(({ class: of }) => of === 'integer' || of === 'float').map(
  ({ name }) => name,
)
const ACCESSES = INSTRUCTIONS.filter(({ does }) => does.startsWith('as in WebAssembly, in memory'))

/** Names of all kinds, by number. */
export const KINDS: readonly string[] = [
  // Not interpreted by handlers: rare instructions, and numbers that are none's.
  'slow',
  ...SAME,
  // A constant of 32 bits without a sign, and one of more bits.
  'const.unsigned',
  'const.wide',
  'stop.set',
  'depth.set',
  // That only drops, and that of one slot.
  'slide.none',
  'slide.one',
  // A call of a function that begins with `enter`: both at once.
  'call.enter',
  ...NUMERIC,
  ...MEMORIES.flatMap((memory) => ACCESSES.map(({ name }) => `${name} ${memory}`)),
  ...MEMORIES.flatMap((memory) => [`memory.size ${memory}`, `memory.fill ${memory}`]),
  // To and from.
  ...MEMORIES.flatMap((to) => MEMORIES.map((from) => `memory.copy ${to} ${from}`)),
]

const NUMBER = new Map(KINDS.map((name, number) => [name, number]))

export function kindNumber(name: string): number {
  const number = NUMBER.get(name)
  if (number === undefined) throw new Error(`There is no kind "${name}".`)
  return number
}

const SLOW = kindNumber('slow')

/** By opcode: the kind where the opcode alone decides, or of memory 0. */
export const KIND_OF_OPCODE = new Uint16Array(256).fill(SLOW)
/** By opcode: how much further the kind of memory 1 is. */
export const KIND_OF_SECOND_MEMORY = new Uint16Array(256)

for (const { name, opcode } of INSTRUCTIONS) {
  if (NUMBER.has(name)) KIND_OF_OPCODE[opcode] = kindNumber(name)
  const [first, second] = MEMORIES.map((memory) => NUMBER.get(`${name} ${memory}`))
  if (first === undefined || second === undefined) continue
  KIND_OF_OPCODE[opcode] = first
  KIND_OF_SECOND_MEMORY[opcode] = second - first
}
KIND_OF_OPCODE[OPCODE['memory.copy']] = kindNumber('memory.copy module module')
KIND_OF_OPCODE[OPCODE['const.high']] = kindNumber('const.wide')
KIND_OF_OPCODE[OPCODE['register.get']] = kindNumber('global.get')
