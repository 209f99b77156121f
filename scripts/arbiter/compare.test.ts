import { commit, encodeOutput } from '@millrace/machine'
import { zeroHash } from 'viem'
import { describe, expect, it } from 'vitest'
import { compare, firstDifference } from './compare.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const output = (stdout: Uint8Array, exitCode = 0) =>
  encodeOutput({ exitCode, stdout, stderr: new Uint8Array() })

const run = (stdout: Uint8Array, exitCode = 0) => ({
  status: 0,
  fuelUsed: 7n,
  output: output(stdout, exitCode),
})
const signed = (bytesOut: Uint8Array) => ({
  ticket: zeroHash,
  status: 0,
  fuelUsed: 7n,
  output: commit(bytesOut),
})

describe('compare', () => {
  it('finds the same what is the same', () => {
    const own = run(bytes('hello'))
    expect(compare(signed(own.output), own.output, own)).toEqual({ same: true, differences: [] })
  })

  it('sees each field of a result', () => {
    const own = run(bytes('hello'))
    const right = signed(own.output)
    const fields = (change: object) =>
      compare({ ...right, ...change }, undefined, own).differences.map((each) => each.what)
    expect(fields({ status: 1 })).toEqual(['status'])
    expect(fields({ fuelUsed: 8n })).toEqual(['fuel'])
    expect(fields({ output: zeroHash })).toEqual(['output root'])
    expect(fields({ status: 200, fuelUsed: 8n, output: zeroHash })).toEqual(['status', 'fuel', 'output root'])
  })

  it('shows text side by side around the first different byte', () => {
    const lines = ['one', 'two', 'three', 'four', 'five', 'six', 'seven']
    const own = run(bytes(lines.join('\n')))
    const lie = output(bytes(lines.join('\n').replace('five', 'fivE')))
    const { differences } = compare(signed(lie), lie, own)
    expect(differences.at(-1)).toMatchObject({ what: 'stdout', offset: 22 })
    expect(differences.at(-1)!.view!.map((row) => row.replace(/ +/g, ' '))).toEqual([
      ' 3 three three',
      ' 4 four four',
      ' 5 fivE | five',
      ' 6 six six',
      ' 7 seven seven',
    ])
  })

  it('shows as hex what must not reach a terminal', () => {
    const own = run(bytes('hello'))
    const lie = output(bytes('h\u001b[2Jo'))
    const stdout = compare(signed(lie), lie, own).differences.at(-1)!
    expect(stdout.view![0]).toMatch(/^00000000 {2}68 1b 5b 32 4a 6f +\| 68 65 6c 6c 6f$/)
    expect(stdout.view!.join('')).not.toContain('\u001b')
  })

  it('shows an exit code that differs', () => {
    const lie = output(bytes('hello'), 3)
    const { differences } = compare(signed(lie), lie, run(bytes('hello')))
    expect(differences.at(-1)).toEqual({ what: 'exit code', claimed: '3', own: '0' })
  })

  it('shows bytes that no machine writes as they are', () => {
    const lie = bytes('not an output')
    expect(compare(signed(lie), lie, run(bytes('hello'))).differences.at(-1)).toMatchObject({
      what: 'output',
      offset: 0,
    })
  })

  it('shows nothing of bytes that were not signed', () => {
    const own = run(bytes('hello'))
    const differences = compare(signed(output(bytes('lie'))), output(bytes('other')), own).differences
    expect(differences.map((each) => each.what)).toEqual(['output root'])
  })
})

describe('firstDifference', () => {
  it.each([
    ['', '', undefined],
    ['abc', 'abc', undefined],
    ['abc', 'abd', 2],
    ['abc', 'ab', 2],
    ['', 'a', 0],
  ])('of %j and %j is %j', (a, b, at) => {
    expect(firstDifference(bytes(a), bytes(b))).toBe(at)
  })
})

describe('files', () => {
  const own = (files: Record<string, Uint8Array>, folders: string[] = []) => ({
    ...{ status: 0, fuelUsed: 7n },
    output: encodeOutput({ files, folders }),
  })

  it('are compared one by one, and by their names', () => {
    const ours = own({ same: bytes('x'), other: bytes('hello') }, ['empty'])
    const theirs = own({ same: bytes('x'), other: bytes('hallo'), more: bytes('') })
    const { differences } = compare(signed(theirs.output), theirs.output, ours)
    expect(differences.slice(1)).toMatchObject([
      { what: 'files', claimed: '["more","other","same"]', own: '["other","same"]' },
      { what: 'file "other"', offset: 1 },
      { what: 'folders', claimed: '[]', own: '["empty"]' },
    ])
  })
})
