// The contracts that Hardhat builds and the tests that forge builds around them run under the same rules. The rest of
// their settings differ on purpose: forge compiles tests alone, which deploy what Hardhat built.
import type { Check, Finding, SourceFile } from './tree.ts'

interface Place {
  readonly path: string
  readonly patterns: Readonly<Record<string, RegExp>>
}

const HARDHAT: Place = {
  path: 'hardhat.config.ts',
  patterns: {
    'EVM version': /const rules = '(\w+)'/,
  },
}

const FORGE: Place = {
  path: 'foundry.toml',
  patterns: {
    'EVM version': /^evm_version = "(\w+)"/m,
  },
}

export const compilers: Check = (files) => {
  const hardhat = read(files, HARDHAT)
  const forge = read(files, FORGE)
  return Object.keys(HARDHAT.patterns).flatMap((setting): Finding[] => {
    const [first, second] = [hardhat[setting], forge[setting]]
    if (first !== undefined && first === second) return []
    const message = `${setting}: ${HARDHAT.path} says ${first ?? 'nothing'}, ${FORGE.path} ${second ?? 'nothing'}`
    return [{ path: FORGE.path, message }]
  })
}

function read(files: readonly SourceFile[], { path, patterns }: Place): Record<string, string | undefined> {
  const text = files.find((file) => file.path === path)?.text ?? ''
  return Object.fromEntries(
    Object.entries(patterns).map(([name, pattern]) => [name, text.match(pattern)?.[1]]),
  )
}
