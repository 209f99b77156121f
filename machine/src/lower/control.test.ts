import { describe, expect, it } from 'vitest'
import { linesOf, lowerWat } from '../testing/lowerWat.ts'

/** What the functions of that text become, from pc 5 on. */
const lines = (fields: string) => linesOf(lowerWat(fields))

describe('blocks', () => {
  it('nop, block, loop and end are nothing', () => {
    expect(lines('(func nop block loop nop end end)')).toEqual(['return 0'])
  })

  it('if without else', () => {
    expect(lines('(func (param i32) local.get 0 if i32.const 1 drop end nop)')).toEqual([
      'local.get 0',
      'br_unless 9',
      'const 1',
      'drop',
      'return 1',
    ])
  })

  it('if with else, with parameters and a value', () => {
    expect(
      lines(`(func (param i32) (result i64) i64.const 7 local.get 0
        if (param i64) (result i64) i64.const 1 i64.add else drop i64.const 2 end)`),
    ).toEqual([
      'const 7',
      'local.get 0',
      'br_unless 11',
      'const 1',
      'i64.add',
      'br 13',
      'drop',
      'const 2',
      'return_one 1',
    ])
  })

  it('an empty else, and one whose then cannot be left', () => {
    expect(lines('(func (param i32) local.get 0 if nop else nop end)')).toEqual([
      'local.get 0',
      'br_unless 8',
      'br 8',
      'return 1',
    ])
    expect(lines('(func (param i32) local.get 0 if return else nop end)')).toEqual([
      'local.get 0',
      'br_unless 8',
      'return 1',
      'return 1',
    ])
  })
})

describe('br', () => {
  it('jumps, forward to an end and back to a loop', () => {
    expect(lines('(func (param i32) block loop local.get 0 br_if 1 br 0 end end)')).toEqual([
      'local.get 0',
      'br_if 8',
      'br 5',
      'return 1',
    ])
  })

  it('slides where values lie below those that it takes along', () => {
    expect(
      lines('(func (result i32) i32.const 9 block (result i32) i32.const 1 i32.const 2 br 0 end i32.add)'),
    ).toEqual(['const 9', 'const 1', 'const 2', 'slide 1 1', 'br 10', 'i32.add', 'return_one 0'])
    expect(lines('(func block i32.const 1 i32.const 2 br 0 end)')).toEqual([
      'const 1',
      'const 2',
      'slide 0 2',
      'br 9',
      'return 0',
    ])
  })

  it("takes a loop's parameters along", () => {
    expect(
      lines(
        '(func i32.const 1 i64.const 2 loop (param i32 i64) i32.const 5 drop i32.const 6 i64.const 7 br 0 end)',
      ),
    ).toEqual(['const 1', 'const 2', 'const 5', 'drop', 'const 6', 'const 7', 'slide 2 2', 'br 7'])
  })

  it('to the function itself is its return', () => {
    expect(lines('(func (param i32) block i32.const 5 br 1 end i32.const 1 drop)')).toEqual([
      'const 5',
      'return 1',
    ])
    expect(lines('(func (result i32 i32) i32.const 3 i32.const 1 i32.const 2 br 0)')).toEqual([
      'const 3',
      'const 1',
      'const 2',
      'local.get 0',
      'slide 3 2',
      'return_link',
    ])
  })
})

describe('br_if', () => {
  it('goes over a lowered br where something is to be slid', () => {
    expect(
      lines(`(func (param i32) (result i32) block (result i32) i32.const 1 i32.const 2 local.get 0 br_if 0
        drop drop i32.const 3 end)`),
    ).toEqual([
      'const 1',
      'const 2',
      'local.get 0',
      'br_unless 11',
      'slide 1 1',
      'br 14',
      'drop',
      'drop',
      'const 3',
      'return_one 1',
    ])
  })

  it("goes to the return at the body's end for the function's own label, whatever lies below", () => {
    expect(lines('(func (param i32) (result i32) i32.const 1 i32.const 2 local.get 0 br_if 0 drop)')).toEqual(
      ['const 1', 'const 2', 'local.get 0', 'br_if 10', 'drop', 'return_one 1'],
    )
    expect(lines('(func (param i32) i32.const 1 local.get 0 br_if 0 unreachable)')).toEqual([
      'const 1',
      'local.get 0',
      'br_if 9',
      'unreachable',
      'return 1',
    ])
  })

  it('goes over the return where that takes several instructions', () => {
    expect(lines('(func (param i32) (result i32 i32) i32.const 1 i32.const 2 local.get 0 br_if 0)')).toEqual([
      'const 1',
      'const 2',
      'local.get 0',
      'br_unless 12',
      'local.get 1',
      'slide 3 2',
      'return_link',
      'local.get 1',
      'slide 3 2',
      'return_link',
    ])
  })
})

describe('br_table', () => {
  it('is followed by jumps in order, the default last', () => {
    expect(
      lines(
        '(func (param i32) block block loop local.get 0 br_table 0 1 3 2 1 end end nop end i32.const 1 drop)',
      ),
    ).toEqual([
      'local.get 0',
      'br_table 4',
      'br 5',
      'br 12',
      // The function's own: the return at its end.
      'br 14',
      'br 12',
      'br 12',
      'const 1',
      'drop',
      'return 1',
    ])
  })

  it('has a stub for each label that needs a slide, in the order of their first use', () => {
    expect(
      lines(`(func (param i32) (result i32) i32.const 8
        block (result i32) i32.const 9 block (result i32) i32.const 1 local.get 0 br_table 1 0 1 2 1 end
          drop end i32.add)`),
    ).toEqual([
      'const 8',
      'const 9',
      'const 1',
      'local.get 0',
      'br_table 4',
      'br 15',
      'br 17',
      'br 15',
      'br 19',
      'br 15',
      // 15: the outer block, from above which 9 goes.
      'slide 1 1',
      'br 18',
      // 17: behind the inner block.
      'drop',
      // 18: behind the outer one.
      'i32.add',
      'return_one 1',
    ])
  })

  it('reaches a return of several values through a stub', () => {
    expect(
      lines('(func (param i32) (result i32 i32) i32.const 1 i32.const 2 local.get 0 br_table 0 0)'),
    ).toEqual([
      'const 1',
      'const 2',
      'local.get 0',
      'br_table 1',
      'br 11',
      'br 11',
      'local.get 1',
      'slide 3 2',
      'return_link',
    ])
  })
})

describe('what cannot be reached', () => {
  it.each(['unreachable', 'return', 'br 0', 'i32.const 0 br_table 0'])('is nothing behind %s', (stop) => {
    const dead = `block (result i32) i64.const 1 loop i32.const 0 if nop else call 0 drop end end
      i32.const 5 i32.load offset=4 f32.const 1 f64.const 1 drop drop
      i32.const 0 br_table 0 0 end drop ref.null func select (result funcref) table.set 0`
    const program = `(memory 1 1) (table 1 1 funcref)`
    expect(lines(`${program} (func ${stop} ${dead})`)).toEqual(lines(`${program} (func ${stop})`))
  })

  it('goes on behind a block that nothing leads out of', () => {
    expect(lines('(func block block unreachable end i32.const 1 drop end i32.const 2 drop)')).toEqual([
      'unreachable',
    ])
    expect(lines('(func loop br 0 end i32.const 1 drop)')).toEqual(['br 5'])
    expect(lines('(func (param i32) local.get 0 if return else unreachable end i32.const 1 drop)')).toEqual([
      'local.get 0',
      'br_unless 8',
      'return 1',
      'unreachable',
    ])
  })

  it('ends where a branch leads', () => {
    expect(lines('(func block block br 1 end i32.const 1 drop end i32.const 2 drop)')).toEqual([
      'br 6',
      'const 2',
      'drop',
      'return 0',
    ])
  })
})
