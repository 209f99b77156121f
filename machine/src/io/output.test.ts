import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadEncodingError } from './errors.ts'
import { decodeOutput, encodeOutput, type JobOutput, OUTPUT_OVERHEAD } from './output.ts'

const jobOutput: fc.Arbitrary<JobOutput> = fc.record({
  exitCode: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  stdout: fc.uint8Array({ maxLength: 40 }),
  stderr: fc.uint8Array({ maxLength: 40 }),
})

describe('encodeOutput and decodeOutput', () => {
  it('round trip every output, a fixed number of bytes longer', () => {
    fc.assert(
      fc.property(jobOutput, (output) => {
        const bytes = encodeOutput(output)
        expect(bytes).toHaveLength(output.stdout.length + output.stderr.length + OUTPUT_OVERHEAD)
        expect(decodeOutput(bytes)).toEqual(output)
      }),
    )
  })

  it('refuse mutated bytes, or read another output that encodes to just those bytes', () => {
    fc.assert(
      fc.property(jobOutput, fc.nat(), fc.nat(255), (output, pick, value) => {
        const mutated = encodeOutput(output)
        mutated[pick % mutated.length] = value
        let decoded: JobOutput
        try {
          decoded = decodeOutput(mutated)
        } catch (error) {
          expect(error).toBeInstanceOf(BadEncodingError)
          return
        }
        expect(encodeOutput(decoded)).toEqual(mutated)
      }),
      { numRuns: 500 },
    )
  })

  it('refuse an exit code beyond 32 bits', () => {
    const empty = new Uint8Array()
    expect(() => encodeOutput({ exitCode: 2 ** 31, stdout: empty, stderr: empty })).toThrow(BadEncodingError)
  })
})
