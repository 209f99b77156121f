import { describe, expect, it } from 'vitest'
import { direction } from './direction.ts'

const messages = (path: string, text: string) => direction([{ path, text }]).map((finding) => finding.message)

describe('direction of imports', () => {
  it.each([
    ['machine/src/a.ts', "import { x } from '../../sdk/src/x.ts'", 'machine must not know sdk'],
    ['machine/src/a.ts', "import { x } from '@millrace/sdk'", 'machine must not know sdk'],
    ['sdk/src/a.ts', "import type { x } from '@millrace/matcher'", 'sdk must not know services/matcher'],
    ['services/agent/src/a.ts', "export * from '../../matcher/src/x.ts'", 'must not know services/matcher'],
    ['services/agent/src/a.ts', "await import('@millrace/cli')", 'must not know cli'],
    ['sdk/src/a.ts', "import { x } from '@millrace/runner'", 'sdk must not know runner'],
    ['runner/src/a.ts', "import { x } from '@millrace/agent'", 'runner must not know services/agent'],
    ['services/matcher/src/a.ts', "import { x } from '@millrace/runner'", 'must not know runner'],
    ['services/watcher/src/a.ts', "import { x } from '@millrace/agent'", 'must not know services/agent'],
    ['cli/src/a.ts', "import '../../scripts/start.ts'", 'cli must not know scripts'],
    ['services/matcher/src/a.test.ts', "import { x } from '@millrace/agent'", 'must not know services/agent'],
    ['sdk/src/a.ts', "import {\n  a,\n  b,\n} from '../../cli/src/x.ts'", 'sdk must not know cli'],
    ['machine/src/a.ts', "import fs from 'node:fs'", 'cannot import node:fs'],
  ])('objects in %s to %s', (path, text, message) => {
    expect(messages(path, text)).toEqual([expect.stringContaining(message)])
  })

  it.each([
    ['sdk/src/a.ts', "import { x } from '@millrace/machine'"],
    ['cli/src/a.ts', "import { x } from '@millrace/agent'\nimport fs from 'node:fs'"],
    ['services/watcher/src/a.ts', "import { x } from '@millrace/runner'"],
    ['scripts/a.ts', "import { x } from '@millrace/matcher'"],
    ['services/matcher/src/a.test.ts', "import { x } from '../../../scripts/redis/index.ts'"],
    ['contracts/test/a.test.ts', "import { x } from '@millrace/sdk'"],
    ['machine/src/a.ts', "import { keccak_256 } from '@noble/hashes/sha3.js'\nimport { b } from './b.ts'"],
    ['machine/src/a.ts', "// import { x } from '@millrace/sdk'\n/* import { x } from '@millrace/sdk' */"],
  ])('lets %s write %s', (path, text) => {
    expect(messages(path, text)).toEqual([])
  })

  it('names the line', () => {
    const text = "// head\n\nimport { x } from '@millrace/sdk'"
    expect(direction([{ path: 'machine/src/a.ts', text }])).toMatchObject([{ line: 3 }])
  })
})
