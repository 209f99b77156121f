import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadEncodingError } from './errors.ts'
import { decodeOutput, encodeOutput, type JobOutput } from './output.ts'

const bytes = fc.uint8Array({ maxLength: 200 })
const name = fc.constantFrom('a', 'b', 'é', 'a-b', '...', '__proto__', 'constructor')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))

const jobOutput: fc.Arbitrary<JobOutput> = fc
  .record({
    exitCode: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    stdout: bytes,
    stderr: bytes,
    entries: fc.uniqueArray(fc.tuple(path, bytes, fc.boolean()), {
      selector: ([path]) => path,
      maxLength: 6,
    }),
  })
  .map(({ entries, ...rest }) => {
    const lone = entries.filter(([path]) => !entries.some(([other]) => other.startsWith(`${path}/`)))
    const files = lone.filter(([, , isFile]) => isFile).map(([path, content]) => [path, content] as const)
    const folders = lone.filter(([, , isFile]) => !isFile).map(([path]) => path)
    return { ...rest, files: Object.fromEntries(files), folders }
  })

/** A record by hand: tag, and texts with their lengths. */
const record = (tag: number, ...texts: string[]) => [
  tag,
  ...texts.flatMap((text) => [Buffer.byteLength(text), ...new TextEncoder().encode(text)]),
]
const decode = (...records: number[][]) => decodeOutput(Uint8Array.from(records.flat()))
const EXIT = [0, 3, 0, 0, 0]

describe('encodeOutput and decodeOutput', () => {
  it('round trip every output', () => {
    fc.assert(
      fc.property(jobOutput, (output) => {
        expect(decodeOutput(encodeOutput(output))).toEqual(output)
      }),
    )
  })

  it('read a view into a larger buffer, which in Node is a Buffer', () => {
    const encoded = encodeOutput({ exitCode: 7, stdout: Uint8Array.of(1) })
    const larger = Buffer.concat([Buffer.alloc(9, 5), encoded, Buffer.alloc(9, 6)])
    expect(decodeOutput(larger.subarray(9, 9 + encoded.length))).toEqual(decodeOutput(encoded))
  })

  it('put the pieces of each stream together', () => {
    const output = decode(record(1, 'to '), record(2, 'oh'), record(1, 'be'), record(2, '!'), EXIT)
    expect(new TextDecoder().decode(output.stdout)).toBe('to be')
    expect(new TextDecoder().decode(output.stderr)).toBe('oh!')
    expect(output.exitCode).toBe(3)
  })

  it('take no more memory for many small writes than for a large one', async () => {
    const records = 2_000_000
    const worker = new Worker(new URL('../testing/decodeWorker.ts', import.meta.url), {
      workerData: { records },
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    })
    expect(await once(worker, 'message')).toEqual([records])
  })

  it('repeat a path that they refuse in short, and without what steers a terminal', () => {
    const path = `/\u009b\u202e${'x'.repeat(4000)}`
    const length = [0xa6, 0x1f]
    const folder = () => decode([3, ...length, ...new TextEncoder().encode(path)])
    expect(folder).toThrow(/: "\/\\u\{9b\}\\u\{202e\}x{50,80}…"\.$/)
  })

  it('refuse more files than a program has room to make', () => {
    const one = Uint8Array.from(record(4, 'a', ''))
    const many = new Uint8Array(one.length * (2 ** 18 + 1))
    for (let at = 0; at < many.length; at += one.length) many.set(one, at)
    expect(() => decodeOutput(many)).toThrow(/more than 262144 files and folders/)
    expect(() => decodeOutput(many.subarray(one.length))).toThrow(/two entries of one name/)
  })

  it('read a log that breaks off anywhere, without half a file', () => {
    fc.assert(
      fc.property(jobOutput, fc.nat(), (output, pick) => {
        const whole = encodeOutput(output)
        const { exitCode, stdout, files } = decodeOutput(whole.subarray(0, pick % whole.length))
        expect(exitCode).toBe(-1)
        expect(stdout).toEqual(output.stdout.subarray(0, stdout.length))
        for (const [path, content] of Object.entries(files)) expect(content).toEqual(output.files[path])
      }),
    )
  })

  it('refuse mutated bytes, or read an output that can be encoded', () => {
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
        expect(decodeOutput(encodeOutput(decoded))).toEqual(decoded)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['an unknown record', [[5]]],
    ['more after the exit code', [EXIT, [1]]],
    ['a length that could be shorter', [[1, 0x81, 0x00, 65]]],
    ['a length beyond 32 bits', [[1, 0xff, 0xff, 0xff, 0xff, 0x1f]]],
    ['a path that is not UTF-8', [[3, 1, 0xff]]],
    ['a file twice', [record(4, 'a', 'x'), record(4, 'a', 'y')]],
    ['a file and an empty folder of one name', [record(4, 'a', 'x'), record(3, 'a')]],
    ['a file in a file', [record(4, 'a/b', 'x'), record(4, 'a', 'y')]],
    ['a file in a folder that is said to be empty', [record(3, 'a'), record(4, 'a/b', 'x')]],
  ])('refuse %s', (_, records) => {
    expect(() => decode(...records, EXIT)).toThrow(BadEncodingError)
  })

  it.each([
    '',
    '/',
    '/etc/passwd',
    '..',
    '../x',
    'a/../b',
    './a',
    'a/',
    'a//b',
    'a/.',
    'a\0b',
    'x'.repeat(4097),
  ])('refuse the path %j', (path) => {
    const length = path.length < 128 ? [path.length] : [(path.length % 128) + 128, path.length >> 7]
    const named = [...length, ...new TextEncoder().encode(path)]
    expect(() => decode([3, ...named])).toThrow(BadEncodingError)
    expect(() => decode([4, ...named, 0])).toThrow(BadEncodingError)
    expect(() => encodeOutput({ folders: [path] })).toThrow(BadEncodingError)
  })

  it('refuse an exit code beyond 32 bits', () => {
    expect(() => encodeOutput({ exitCode: 2 ** 31 })).toThrow(BadEncodingError)
  })
})
