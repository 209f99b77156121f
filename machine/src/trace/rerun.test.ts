import { describe, expect, it } from 'vitest'
import { toHex } from '../io/hash.ts'
import { encodeInput } from '../io/input.ts'
import { lower } from '../lower/lower.ts'
import { buildProgram } from '../program.ts'
import { Dice } from '../random/dice.ts'
import { MACHINE_STATUS } from '../state/state.ts'
import { wat } from '../testing/wat.ts'
import { END, originOf, Rerun } from './rerun.ts'

const LIMITS = { fuel: 10n ** 12n, outputMax: 1_000 }
const INPUT = encodeInput({})
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

/** Writes a word for each million steps or so, for as long as it takes to have it compiled. */
const program = (
  rounds: number,
  each: string,
  end = '',
) => `(module (memory 1) (global $x (mut f64) (f64.const 0))
  (func $spin (param $n i32) (result i32) (local $s i32)
    (loop $l (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "_start") (local $i i32) (local $f f64)
    (loop $l
      (i32.store (i32.and (i32.shl (local.get $i) (i32.const 5)) (i32.const 0xffe0)) (call $spin (i32.const 70000)))
      ${each}
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${rounds}))))
    ${end}))`

const PROGRAMS: Readonly<Record<string, readonly [text: string, status: number]>> = {
  'ends by itself': [program(400, ''), MACHINE_STATUS.exited],
  'traps at its end': [program(400, '', '(drop (i32.load (i32.const -1)))'), MACHINE_STATUS.trapped],
  'has floats that are no numbers': [
    program(
      400,
      `(local.set $f (f64.add (local.get $f)
        (f64.sqrt (f64.convert_i32_s (i32.sub (i32.const 0) (local.get $i))))))`,
      '(global.set $x (local.get $f))',
    ),
    MACHINE_STATUS.exited,
  ],
}

describe(`compiled code on the way (seed ${seed})`, { timeout: 120_000 }, () => {
  it.each(Object.entries(PROGRAMS))(
    'of a program that %s comes to the same states',
    async (_, [text, status]) => {
      const { canonical } = buildProgram(wat(text))
      const lowered = lower(canonical)
      const interpreted = new Rerun(originOf(lowered, INPUT, LIMITS))
      const compiled = new Rerun(originOf(lowered, INPUT, LIMITS, canonical), { interpreted: 0n })
      const [end, same] = [await interpreted.goTo(END), await compiled.goTo(END)]
      expect(same.step).toBe(end.step)
      expect(same.registers.status).toBe(status)
      expect(same.step).toBeGreaterThan(2n ** 27n)
      expect(compiled.compiled).toBeGreaterThan(2n ** 25n)
      const dice = new Dice(seed)
      const steps = Array.from({ length: 12 }, () => dice.bits(64) % end.step)
      for (const step of [end.step, ...steps]) {
        await interpreted.goTo(step)
        await compiled.goTo(step)
        expect(toHex(compiled.hash()), `step ${step}`).toBe(toHex(interpreted.hash()))
      }
    },
  )
})
