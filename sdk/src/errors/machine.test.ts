import { BadEncodingError, HostAbortError, ModuleRefusedError } from '@millrace/machine'
import { expect, it } from 'vitest'
import { fromMachine, MachineError, ProgramRefusedError } from './machine.ts'

it('keeps what the machine says, and leaves other errors alone', () => {
  const refused = fromMachine(new ModuleRefusedError('code', 7, 'threads'))
  expect(refused).toBeInstanceOf(ProgramRefusedError)
  expect(refused).toMatchObject({
    code: 'module-refused',
    facts: { section: 'code', offset: 7, reason: 'threads' },
  })
  const abort = new HostAbortError('no memory')
  expect(fromMachine(abort)).toMatchObject({
    code: 'host-abort',
    retryable: true,
    cause: abort,
    name: 'MachineError',
  })
  expect(fromMachine(new BadEncodingError('input', 'NUL'))).toBeInstanceOf(MachineError)
  const other = new Error('other')
  expect(fromMachine(other)).toBe(other)
})
