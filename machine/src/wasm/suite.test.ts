import { describe, expect, it } from 'vitest'
import { documentedCounts, suiteFiles, suiteIsThere } from '../testing/suite.ts'
import { ModuleRefusedError } from './error.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { validateModule } from './validateModule.ts'

const VALID = new Set(['module', 'assert_unlinkable', 'assert_uninstantiable'])
const REFUSED = new Set(['assert_invalid', 'assert_malformed'])

function refusalOf(bytes: Uint8Array): ModuleRefusedError | null {
  try {
    validateModule(bytes, DEFAULT_LIMITS)
    return null
  } catch (error) {
    if (error instanceof ModuleRefusedError) return error
    throw error
  }
}

describe('the official test suite', () => {
  it.skipIf(!suiteIsThere)('every valid module is accepted, every other one is refused', () => {
    const counts = { accepted: 0, unsupported: 0, refused: 0, text: 0 }
    const wrong: string[] = []
    for (const file of suiteFiles()) {
      for (const command of file.commands) {
        if (!VALID.has(command.type) && !REFUSED.has(command.type)) continue
        const bytes = file.binary(command)
        if (!bytes) {
          counts.text++
          continue
        }
        const refusal = refusalOf(bytes)
        const place = `${file.name}:${command.line}`
        if (REFUSED.has(command.type)) {
          if (refusal) counts.refused++
          else wrong.push(`${place} is accepted: ${command.text}`)
        } else if (!refusal) {
          counts.accepted++
        } else if (refusal.reason === 'it uses externref, which the machine does not support') {
          counts.unsupported++
        } else {
          wrong.push(`${place} ${refusal.message}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(counts).toEqual(documentedCounts('judged'))
  })
})
