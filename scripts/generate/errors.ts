/**
 * Writes docs/ERRORS.md, the page that every error's `docs` names, from the SDK's classes, the machine's, the
 * matcher's refusals and the command line's codes.
 *
 *     node scripts/generate/errors.ts            writes it
 *     node scripts/generate/errors.ts --check    fails where it is not what the classes say
 */
import { readFile, writeFile } from 'node:fs/promises'
import { BadEncodingError, BadLimitsError, HostAbortError, ModuleRefusedError } from '@millrace/machine'
import * as sdk from '@millrace/sdk'
import { CLI_CODES } from '../../cli/src/failures/codes.ts'
import { exitCodeOf } from '../../cli/src/failures/exitCodes.ts'
import { REFUSALS } from '../../services/matcher/src/refusals.ts'

const PAGE = new URL('../../docs/ERRORS.md', import.meta.url)

const HEAD = `# Errors

<!-- Written by scripts/generate/errors.ts from the code: change the errors, not this page. -->

Every error of the SDK is a \`MillraceError\`: \`code\` is stable, \`facts\` are what happened as values, \`remedy\` is
what to do now, \`retryable\` says whether the same call may work later by itself, \`cause\` and \`walk()\` lead to what
lies below. Where a matcher refuses, the error is a \`ProblemError\` with the matcher's own code, facts and remedy,
and its HTTP \`status\`; where the machine does, a \`MachineError\` likewise. Below, ‹names› stand for facts.
The command line shows the same codes, and has some of its own.
`

/** What every error tells, the machine's too, which knows nothing of the SDK's base class. */
type Told = Pick<sdk.MillraceError, 'name' | 'message' | 'code' | 'remedy' | 'retryable'>

type ErrorClass = new (...parameters: never[]) => sdk.MillraceError

/** Stands for any fact: its own name as text, and whatever is asked of it is another one. */
function placeholder(name: string): never {
  const text = `‹${name}›`
  const target = Object.assign(() => {}, { toString: () => text, toJSON: () => text })
  return new Proxy(target, {
    get: (_, key) => {
      if (key === Symbol.toPrimitive || key === 'toString' || key === 'toJSON') return () => text
      return placeholder(String(key))
    },
    apply: () => placeholder('…'),
  }) as never
}

const FACTS = [placeholder('facts'), placeholder('facts'), placeholder('facts')]

/** What is made of another error takes a real one. */
const SAMPLES: Record<string, unknown[]> = {
  // Its second parameter is a unit, which only arithmetic could tell from a placeholder.
  OverBudgetError: [placeholder('facts')],
  ProgramRefusedError: [new ModuleRefusedError('‹section›', Number.NaN, '‹reason›')],
}

/** As the SDK passes them on; `module-refused` has a class there. */
const MACHINE: readonly Told[] = [
  new BadEncodingError('‹input or output›' as 'input', '‹reason›'),
  new BadLimitsError('‹reason›'),
  new HostAbortError('‹reason›'),
]

/** The class with ‹facts› in its sentences. */
const sampleOf = (name: string, Class: ErrorClass) => new Class(...((SAMPLES[name] ?? FACTS) as never[]))

/** What is computed from facts cannot be shown. */
function entryOf(error: Told): { code: string; text: string } {
  const [message, remedy] = [error.message, error.remedy].map((text) =>
    text.replace(/\b(NaN|undefined)\b/g, '…'),
  )
  const retry =
    { true: ' A retry may help.', false: ' The same call fails again.' }[String(error.retryable)] ?? ''
  return {
    code: error.code,
    text: `\n### ${error.code}\n\n\`${error.name}\`: ${message}\n\n${remedy}${retry}\n`,
  }
}

function render(): string {
  const classes = Object.entries(sdk as unknown as Record<string, ErrorClass>).filter(
    ([, value]) => typeof value === 'function' && value.prototype instanceof sdk.MillraceError,
  )
  const section = (title: string, wanted: boolean) => {
    const entries = classes
      .filter(
        ([name, value]) =>
          !ABSTRACT.includes(name) && value.prototype instanceof sdk.ContractError === wanted,
      )
      .map(([name, value]) => sampleOf(name, value))
    return sectionOf(title, entries)
  }
  const own = section('From the contracts', true) + section('From the SDK', false)
  return HEAD + own + sectionOf('From the machine', MACHINE) + refusals() + commandLine()
}

function sectionOf(title: string, errors: readonly Told[]): string {
  const entries = errors.map(entryOf).sort((a, b) => a.code.localeCompare(b.code))
  return `\n## ${title}\n${entries.map(({ text }) => text).join('')}`
}

/** One table: whoever gets one of these has the message with its facts in hand. */
function refusals(): string {
  const entries = Object.entries(REFUSALS).sort(([a], [b]) => a.localeCompare(b))
  const rows = entries.map(
    ([code, [means, remedy]]) => `| <a id="${code}"></a>\`${code}\` | ${means} | ${remedy} |\n`,
  )
  const head = `
## From the matcher

The \`code\` of an answer in problem+json. What a contract or the SDK would refuse keeps the code that it has above.

| code | what happened | what to do |
| --- | --- | --- |
`
  return head + rows.join('')
}

/** The same for those of the command line, and what it exits with. */
function commandLine(): string {
  const entries = Object.entries(CLI_CODES).sort(([a], [b]) => a.localeCompare(b))
  const rows = entries.map(
    ([code, [means, remedy]]) =>
      `| <a id="${code}"></a>\`${code}\` | ${exitCodeOf(code)} | ${means} | ${remedy} |\n`,
  )
  const head = `
## From the command line

What it exits with is explained in [CLI.md](CLI.md#exit-codes), that of other codes too.

| code | exit code | what happened | what to do |
| --- | --- | --- | --- |
`
  return head + rows.join('')
}

/** Their code and sentences are somebody else's. */
const ABSTRACT = ['ContractError', 'MachineError', 'MillraceError', 'ProblemError']

const page = render()
if (!process.argv.includes('--check')) {
  await writeFile(PAGE, page)
} else if ((await readFile(PAGE, 'utf8').catch(() => '')) !== page) {
  console.error('docs/ERRORS.md is not what the classes say. Run `node scripts/generate/errors.ts`.')
  process.exitCode = 1
}
