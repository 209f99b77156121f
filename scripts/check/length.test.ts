import { describe, expect, it } from 'vitest'
import { length } from './length.ts'

const paths = (path: string, text: string) => length([{ path, text }]).map((finding) => finding.path)

describe('length of files', () => {
  it('objects to a long file that gives no reason', () => {
    expect(paths('a.ts', 'x\n'.repeat(501))).toEqual(['a.ts'])
    expect(paths('A.sol', '// SPDX-License-Identifier: Apache-2.0\n'.concat('x\n'.repeat(600)))).toEqual([
      'A.sol',
    ])
  })

  it('takes a reason at the head', () => {
    expect(paths('a.ts', '// Long, because the table is read as one.\n'.concat('x\n'.repeat(600)))).toEqual(
      [],
    )
  })

  it('lets short files and generated ones be', () => {
    expect(paths('a.ts', 'x\n'.repeat(499))).toEqual([])
    expect(paths('opcodes.gen.ts', 'x\n'.repeat(5_000))).toEqual([])
  })
})
