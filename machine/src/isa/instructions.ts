/**
 * The instructions of the provable machine: the one table from which the machine's parts here, the Solidity constants
 * and the table in `docs/MACHINE.md` follow. What each does, and in which order it opens leaves, stands there.
 *
 * An instruction is a 64-bit number: the opcode in bits 0 to 7, `a` in bits 8 to 31, `b` in bits 32 to 63, or one
 * immediate of 56 bits in bits 8 to 63. In memory it is little-endian, four to a leaf of 32 bytes.
 *
 * Where WebAssembly has an instruction of the same meaning, number and name are its own; those that it has behind
 * the prefix 0xfc stand from 0xc8 on.
 */
import { NAME, OPERAND_COUNT, RESULT } from '../wasm/opcodes.ts'

/** Kinds of instructions, by what a proof of one costs. */
export type InstructionClass =
  | 'control'
  | 'stack'
  | 'integer'
  | 'float'
  | 'register'
  | 'global'
  | 'table'
  | 'memory'
  | 'bulk'
  | 'primitive'

/** What the immediates mean. */
export type Layout = 'none' | 'a' | 'b' | 'ab' | 'signed56' | 'unsigned56'

export interface Instruction {
  readonly opcode: number
  readonly name: string
  readonly class: InstructionClass
  readonly layout: Layout
  /** Slots that it takes from the stack and puts there. A trap, and nothing read, where they are not there or do not fit. */
  readonly pops: number
  readonly pushes: number
  /** Whether it sees more of the state than registers, code and stack. */
  readonly world: boolean
  /** What it does, for the page. */
  readonly does: string
}

type Row = readonly [opcode: number, name: string, layout: Layout, pops: number, pushes: number, does: string]

const CONTROL: readonly Row[] = [
  [0x00, 'unreachable', 'none', 0, 0, 'traps'],
  [0x0c, 'br', 'b', 0, 0, 'goes to `b`'],
  [0x0d, 'br_if', 'b', 1, 0, 'goes to `b` if the low 32 bits of the operand are not 0'],
  [0xe0, 'br_unless', 'b', 1, 0, 'goes to `b` if the low 32 bits of the operand are 0'],
  [0x0e, 'br_table', 'b', 1, 0, 'goes to `pc + 1 + min(operand, b)`'],
  [0x0f, 'return', 'b', 0, 0, 'leaves a function of `b` parameters that gives nothing'],
  [0xe1, 'return_one', 'b', 0, 0, 'leaves a function of `b` parameters with the top slot'],
  [0xe2, 'return_link', 'none', 1, 0, 'takes the link from the top and follows it'],
  [0x10, 'call', 'ab', 0, 1, 'calls `b`, whose `a` parameters are on the stack'],
]

const CALL_INDIRECT: readonly Row[] = [
  [
    0x11,
    'call_indirect',
    'ab',
    1,
    1,
    'calls an element of table `b >> 24` of type `b & 0xffffff`, of `a` parameters',
  ],
]

const STACK: readonly Row[] = [
  [0x1a, 'drop', 'none', 1, 0, 'drops a slot'],
  [
    0x1b,
    'select',
    'none',
    3,
    1,
    'the first operand if the low 32 bits of the third are not 0, else the second',
  ],
  [0xe3, 'enter', 'b', 0, 0, 'pushes `b` zero slots'],
  [0xe4, 'slide', 'ab', 0, 0, 'moves the top `a` slots down by `b`, one a step'],
  [0x20, 'local.get', 'b', 0, 1, 'pushes slot `fp + b`'],
  [0x21, 'local.set', 'b', 1, 0, 'pops slot `fp + b`'],
  [0x22, 'local.tee', 'b', 1, 1, 'copies the top to slot `fp + b`'],
  [0x41, 'const', 'signed56', 0, 1, 'pushes the immediate, sign-extended'],
  [0x42, 'const.high', 'unsigned56', 0, 1, 'pushes the immediate shifted left by 8 bits'],
  [
    0x43,
    'const.low',
    'b',
    1,
    1,
    'sets the low 8 bits of the top to those of `b`, which are 0 before: a bitwise or',
  ],
]

const REGISTER: readonly Row[] = [
  [0xe5, 'register.get', 'b', 0, 1, 'pushes a register: 0 fuel, 1 stop, 2 depth'],
  [0xe6, 'register.set', 'b', 1, 0, 'pops one'],
]

const GLOBAL: readonly Row[] = [
  [0x23, 'global.get', 'b', 0, 1, 'pushes global `b`'],
  [0x24, 'global.set', 'b', 1, 0, 'pops it'],
  [0x109, 'data.drop', 'b', 0, 0, 'length of data segment `b` becomes 0'],
  [0x10d, 'elem.drop', 'b', 0, 0, 'length of element segment `b` becomes 0'],
]

const TABLE: readonly Row[] = [
  [0x25, 'table.get', 'b', 1, 1, 'an element of table `b`'],
  [0x26, 'table.set', 'b', 2, 0, 'sets an element of table `b`'],
  [0x110, 'table.size', 'b', 0, 1, 'elements of table `b`'],
  [0x10f, 'table.grow', 'ab', 2, 1, 'grows table `a` to at most `b` elements, one a step'],
  [
    0x10c,
    'table.init',
    'ab',
    3,
    0,
    'copies from element segment `a >> 4`, which begins at `b`, to table `a & 15`, one a step',
  ],
  [0x10e, 'table.copy', 'a', 3, 0, 'copies from table `a >> 4` to table `a & 15`, one a step'],
  [0x111, 'table.fill', 'b', 3, 0, 'fills elements of table `b`, one a step'],
]

const MEMORY: readonly Row[] = [
  [0x3f, 'memory.size', 'a', 0, 1, 'pages of memory `a`'],
  [0x40, 'memory.grow', 'ab', 1, 1, 'grows memory `a` to at most `b` pages'],
]

const BULK: readonly Row[] = [
  [
    0x108,
    'memory.init',
    'ab',
    3,
    0,
    'copies from data segment `a >> 1`, which begins at `b`, to memory `a & 1`, within one leaf of each a step',
  ],
  [
    0x10a,
    'memory.copy',
    'a',
    3,
    0,
    'copies from memory `a >> 1` to memory `a & 1`, within one leaf of each a step',
  ],
  [0x10b, 'memory.fill', 'a', 3, 0, 'fills bytes of memory `a`, within one leaf a step'],
]

const PRIMITIVE: readonly Row[] = [
  [0xe8, 'input.length', 'none', 0, 1, 'bytes of the input'],
  [0xe9, 'input.read', 'none', 3, 0, 'copies from the input to memory 1, within one leaf of each a step'],
  [
    0xea,
    'output.write',
    'none',
    2,
    0,
    'appends bytes of memory 1 to the output, within one leaf of each a step',
  ],
]

const HALT: readonly Row[] = [[0xeb, 'halt', 'none', 1, 0, 'ends the program']]

/** 0xfc 0x00 is 0xc8, and so on. */
const PREFIXED = 0x100 - 0xc8

function opcodeOf(number: number): number {
  return number < 0x100 ? number : number - PREFIXED
}

function rows(kind: InstructionClass, table: readonly Row[], world = false): Instruction[] {
  return table.map(([number, name, layout, pops, pushes, does]) => ({
    opcode: opcodeOf(number),
    name,
    class: kind,
    layout,
    pops,
    pushes,
    world,
    does,
  }))
}

/** Instructions of WebAssembly that keep their meaning: results by operands. */
function plain(first: number, last: number, kind?: InstructionClass): Instruction[] {
  const all: Instruction[] = []
  for (let number = first; number <= last; number++) {
    const name = NAME[number]!
    if (name === '') continue
    all.push({
      opcode: opcodeOf(number),
      name,
      class: kind ?? (/f32|f64/.test(name) ? 'float' : 'integer'),
      layout: kind === 'memory' ? 'ab' : 'none',
      pops: OPERAND_COUNT[number]!,
      pushes: RESULT[number] === 0 ? 0 : 1,
      world: kind === 'memory',
      does: kind === 'memory' ? 'as in WebAssembly, in memory `a` at offset `b`' : 'as in WebAssembly',
    })
  }
  return all
}

/** Every instruction, by opcode. */
export const INSTRUCTIONS: readonly Instruction[] = [
  ...rows('control', CONTROL),
  ...rows('control', CALL_INDIRECT, true),
  ...rows('stack', STACK),
  ...rows('register', REGISTER),
  ...rows('global', GLOBAL, true),
  ...rows('table', TABLE, true),
  ...plain(0x28, 0x3e, 'memory'),
  ...rows('memory', MEMORY, true),
  ...plain(0x45, 0xc4),
  ...plain(0x100, 0x107),
  ...rows('bulk', BULK, true),
  ...rows('primitive', PRIMITIVE, true),
  ...rows('primitive', HALT),
].sort((x, y) => x.opcode - y.opcode)
