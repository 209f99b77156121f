import { decodeInput } from '@millrace/machine'
import { expect, it } from 'vitest'
import { MachineError } from '../errors/machine.ts'
import { inputBytes } from './input.ts'

it('puts a name in front of the arguments and takes text for bytes', () => {
  const input = decodeInput(
    inputBytes({
      args: ['world'],
      stdin: 'grüße',
      env: { A: '1' },
      files: { '/a': 'x', '/b': Uint8Array.of(0) },
    }),
  )
  expect(input.args).toEqual(['program', 'world'])
  expect(new TextDecoder().decode(input.stdin)).toBe('grüße')
  expect(input.env).toEqual({ A: '1' })
  expect([...input.files['/a']!, ...input.files['/b']!]).toEqual([120, 0])
  expect(decodeInput(inputBytes({ name: 'hello' })).args).toEqual(['hello'])
})

it('gives equal bytes for equal inputs: no clock and no randomness of this machine', () => {
  expect(inputBytes({ args: ['a'] })).toEqual(inputBytes({ args: ['a'] }))
})

it('says what has no encoding', () => {
  expect(() => inputBytes({ args: ['a\0b'] })).toThrow(MachineError)
  expect(() => inputBytes({ files: { 'not/absolute': '' } })).toThrow(MachineError)
})
