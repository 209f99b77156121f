/** docs/PROGRAMS.md, done as it says: files saved, commands typed in a shell, and what they print compared. */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { folderOf } from './support/commandLine.ts'
import { useStack } from './support/stack.ts'

const ROOT = new URL('../', import.meta.url)
const page = readFileSync(new URL('docs/PROGRAMS.md', ROOT), 'utf8')
const run = promisify(execFile)

/** A block of code, with the text before it back to the block before. */
interface Block {
  readonly before: string
  readonly language: string
  readonly text: string
}

const sections = page
  .split(/^## /m)
  .slice(1)
  .map((section) => ({ title: section.split('\n')[0]!, blocks: blocksOf(section) }))
  .filter(({ blocks }) => blocks.length > 0)

function blocksOf(section: string): Block[] {
  return [...section.matchAll(/([\s\S]*?)```(.+)\n([\s\S]*?)```/g)].map(([, before, language, text]) => ({
    before: before!,
    language: language!,
    text: text!,
  }))
}

/** The target for which `rustc` has a library, by the name that its version knows it by. */
const rustTarget = ['wasm32-wasip1', 'wasm32-wasi'].find((target) => {
  try {
    const options = ['--print', 'target-libdir', '--target', target]
    return existsSync(
      execFileSync('rustc', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(),
    )
  } catch {
    return false
  }
})

const stack = useStack({ providers: ['provider1'], arbiter: false })

beforeAll(() => {
  // The project's folder as a newcomer sees it, but with this test's own stack in it.
  for (const name of ['examples', 'node_modules'])
    symlinkSync(fileURLToPath(new URL(name, ROOT)), join(folderOf(stack()), name))
})

/** Fuel by module, as the jobs report it. */
const fuel = new Map<string, number>()

/** As a shell takes it. */
async function type(command: string) {
  const PATH = `${fileURLToPath(new URL('node_modules/.bin', ROOT))}:${process.env.PATH}`
  const options = { cwd: folderOf(stack()), env: { ...process.env, PATH }, maxBuffer: 2 ** 24 }
  const typed = run('sh', ['-c', command], options)
  // At a terminal there is no standard input to wait for.
  typed.child.stdin!.end()
  return await typed
}

async function typeAll(commands: string, shown: string | undefined): Promise<void> {
  const lines = commands.trim().split('\n')
  for (const line of lines) {
    const { stdout, stderr } = await type(line)
    if (line === lines.at(-1) && shown !== undefined) expect(stdout).toBe(shown)
    if (!line.includes('millrace run')) continue
    expect(stdout).not.toBe('')
    expect(stderr).toMatch(/^paid .*TEST/m)
    const name = /\w+\.py/.exec(line)?.[0] ?? /(\w+)\.wasm/.exec(line)![1]!
    fuel.set(name, fuelIn(stderr))
  }
}

/** In units, from words such as `0.61 gigafuel` and `12,000 fuel`. */
function fuelIn(text: string): number {
  const [, amount, unit] = /([\d.,]+) (gigafuel|fuel)\b/.exec(/^finished.*$/m.exec(text)?.[0] ?? text)!
  return Number(amount!.replaceAll(',', '')) * (unit === 'fuel' ? 1 : 1e9)
}

// A compiler of 100 MB and an interpreter of 20 are loaded on the way.
describe.each(sections)('$title', { timeout: 600_000 }, ({ blocks }) => {
  const withoutRust = blocks.filter(({ language }) => language !== 'sh rust')
  it('prints what it says', async () => {
    for (const [i, { before, language, text }] of withoutRust.entries()) {
      if (language === 'text') continue
      if (language === 'sh') {
        const next = withoutRust[i + 1]
        await typeAll(text, next?.language === 'text' ? next.text : undefined)
        continue
      }
      const [, name] = /Save this as `(.+?)`:\n+$/.exec(before)!
      writeFileSync(join(folderOf(stack()), name!), text)
    }
  })

  const rust = blocks.find(({ language }) => language === 'sh rust')
  if (!rust) return
  // npm carries no Rust compiler.
  it.skipIf(!rustTarget)('compiles, where rustc has the target', () =>
    typeAll(rust.text.replace('wasm32-wasip1', rustTarget!), undefined),
  )
})

describe('What it costs', () => {
  const rows = [...page.matchAll(/^\| (\S+) \| ([\d.,]+ (?:giga)?fuel) \| (.+) \|$/gm)]

  it('names the programs above', () => {
    expect(rows.map(([, name]) => name)).toEqual(['average', 'sort', 'primes', 'mean.py'])
  })

  it.each(rows.map(([, name, amount]) => ({ name: name!, amount: amount! })))(
    '$name: $amount',
    ({ name, amount }) => {
      // A changed compiler or pass moves it a little; a reader wants the order of magnitude.
      expect(fuel.get(name)! / fuelIn(amount)).toBeGreaterThan(0.7)
      expect(fuel.get(name)! / fuelIn(amount)).toBeLessThan(1.4)
    },
  )
})
