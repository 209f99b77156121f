import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { compilers } from './compilers.ts'

const read = async (path: string) => ({
  path,
  text: await readFile(new URL(`../../${path}`, import.meta.url), 'utf8'),
})
const hardhat = await read('hardhat.config.ts')
const forge = await read('foundry.toml')

describe('compiler settings', () => {
  it('agree', () => {
    expect(compilers([hardhat, forge])).toEqual([])
  })

  it('are told apart when one of them changes', () => {
    const changed = { ...forge, text: forge.text.replace('evm_version = "prague"', 'evm_version = "osaka"') }
    expect(compilers([hardhat, changed])).toEqual([
      { path: 'foundry.toml', message: 'EVM version: hardhat.config.ts says prague, foundry.toml osaka' },
    ])
  })

  it('must be named in both', () => {
    expect(compilers([hardhat])).toHaveLength(1)
  })
})
