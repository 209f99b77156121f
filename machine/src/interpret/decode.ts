/**
 * Code as the loops read it: for each instruction 16 bits that name its handler, 16 bits and 32 bits of immediates.
 * Distances, addresses and jumps are in bytes. A handler that does several instructions reads the immediates of the
 * later ones where they stand, so every instruction is still a place to jump to.
 */

import { OPCODE } from '../isa/opcode.gen.ts'
import type { Lowered } from '../lower/lowered.ts'
import { KIND_OF_OPCODE, KIND_OF_SECOND_MEMORY, KINDS, kindNumber } from './kinds.ts'
import { type Layout, layOut, REGISTER } from './layout.ts'
import type { Sequences } from './sequences.ts'

/** Constants of more than 32 bits have two slots: the value, and that with its low byte. */
const SLOTS_OF_CONSTANT = 2

const KIND = {
  slow: kindNumber('slow'),
  call: kindNumber('call'),
  callEnter: kindNumber('call.enter'),
  enter: kindNumber('enter'),
  slide: kindNumber('slide'),
  slideNone: kindNumber('slide.none'),
  slideOne: kindNumber('slide.one'),
  constUnsigned: kindNumber('const.unsigned'),
  constWide: kindNumber('const.wide'),
  globalSet: kindNumber('global.set'),
  stopSet: kindNumber('stop.set'),
  depthSet: kindNumber('depth.set'),
  copy: [
    [kindNumber('memory.copy module module'), kindNumber('memory.copy library module')],
    [kindNumber('memory.copy module library'), kindNumber('memory.copy library library')],
  ],
} as const

/** Kinds after which the fast loop has looked at the steps left. */
const LOOKS = new Uint8Array(KINDS.length)
for (const [kind, name] of KINDS.entries()) {
  if (/^(slow|br|br_table|return.*|call.*)$/.test(name)) LOOKS[kind] = 1
}

function countConstants(words: Int32Array): number {
  let count = 0
  for (let at = 0; at < words.length; at += 2) {
    const low = words[at]! | 0
    const opcode = low & 255
    if (opcode === OPCODE['const.high'] || (opcode === OPCODE.const && isWide(low, words[at + 1]!))) count++
  }
  return count
}

/** Whether a constant has more than 32 bits, with or without a sign. */
function isWide(low: number, high: number): boolean {
  return !isSigned(low, high) && !isUnsigned(low, high)
}

/** The constant is what is above the low 8 bits: 24 bits here, 32 there. */
function isSigned(low: number, high: number): boolean {
  return high >> 7 === ((high << 24) | (low >>> 8)) >> 31
}

function isUnsigned(_low: number, high: number): boolean {
  return high >>> 8 === 0
}

function wordsOf(code: Uint8Array): Int32Array {
  if (code.byteOffset % 4 !== 0) return wordsOf(code.slice())
  return new Int32Array(code.buffer, code.byteOffset, code.length / 4)
}

export interface DecodedCode {
  readonly layout: Layout
  /** What stands at `CODE`. */
  readonly words: Int32Array
  /** What stands at `layout.constants`. */
  readonly constants: BigUint64Array
  /** The most steps that the fast loop can do without a look at the steps left. */
  readonly straight: number
}

export function decode(lowered: Lowered, sequences: Sequences): DecodedCode {
  const from = wordsOf(lowered.code)
  const count = from.length / 2
  const to = new Int32Array(from.length)
  const kinds = new Uint16Array(count)
  const constants = new BigUint64Array(countConstants(from) * SLOTS_OF_CONSTANT)
  const layout = layOut(lowered, constants.length)
  let nextConstant = 0
  let straight = 0
  let longest = 0
  const addConstant = (value: bigint, whole: bigint) => {
    constants[nextConstant] = value
    constants[nextConstant + 1] = whole
    nextConstant += SLOTS_OF_CONSTANT
    return layout.constants + 8 * (nextConstant - SLOTS_OF_CONSTANT)
  }

  for (let i = 0; i < count; i++) {
    const low = from[2 * i]!
    const high = from[2 * i + 1]!
    const opcode = low & 255
    const a = low >>> 8
    let kind = KIND_OF_OPCODE[opcode]!
    let small = 0
    let large = high
    switch (opcode) {
      case OPCODE.br:
      case OPCODE.br_if:
      case OPCODE.br_unless:
      case OPCODE['local.get']:
      case OPCODE['local.set']:
      case OPCODE['local.tee']:
      case OPCODE.enter:
      case OPCODE.return:
      case OPCODE.return_one:
        large = high * 8
        break
      case OPCODE.call:
        small = a * 8
        large = high * 8
        if ((from[2 * high]! & 255) === OPCODE.enter) kind = KIND.callEnter
        break
      case OPCODE.call_indirect:
        small = a * 8
        break
      case OPCODE.slide:
        small = a * 8
        large = high * 8
        if (a < 2) kind = a === 0 ? KIND.slideNone : KIND.slideOne
        break
      case OPCODE.const:
        if (isSigned(low, high)) large = (high << 24) | a
        else if (isUnsigned(low, high)) {
          large = (high << 24) | a
          kind = KIND.constUnsigned
        } else {
          const value = BigInt.asUintN(64, (BigInt(high) << 24n) | BigInt(a))
          large = addConstant(value, value)
          kind = KIND.constWide
        }
        break
      case OPCODE['const.high']: {
        const value = ((BigInt(high >>> 0) << 24n) | BigInt(a)) << 8n
        const next = (from[2 * i + 2]! & 255) === OPCODE['const.low'] ? from[2 * i + 3]! & 255 : 0
        large = addConstant(value, value | BigInt(next))
        break
      }
      case OPCODE['const.low']:
        large = high & 255
        break
      case OPCODE['global.get']:
      case OPCODE['global.set']:
        large = layout.globals + high * 8
        break
      case OPCODE['register.get']:
        large = REGISTER.seen + high * 8
        break
      case OPCODE['register.set']:
        large = REGISTER.seen + high * 8
        kind = high === 0 ? KIND.globalSet : high === 1 ? KIND.stopSet : KIND.depthSet
        break
      case OPCODE['memory.copy']:
        kind = KIND.copy[(a >> 1) as 0 | 1][(a & 1) as 0 | 1]
        break
      default:
        if ((a & 1) === 1) kind += KIND_OF_SECOND_MEMORY[opcode]!
    }
    if (small > 0xffff) throw new Error(`Instruction ${i} has an immediate that no honest program has.`)
    kinds[i] = kind
    to[2 * i] = small << 16
    to[2 * i + 1] = large
    straight++
    if (straight > longest) longest = straight
    if (LOOKS[kind] === 1) straight = 0
  }
  sequences.choose(kinds, to)
  return { layout, words: to, constants, straight: longest }
}
