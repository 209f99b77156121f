import { describe, expect, it } from 'vitest'
import { dependencies } from './dependencies.ts'

const manifests = [
  { path: 'package.json', text: '{"workspaces":["sdk"],"devDependencies":{"vitest":"1.0.0"}}' },
  { path: 'sdk/package.json', text: '{"dependencies":{"viem":"1.0.0"},"peerDependencies":{"@a/b":"1.0.0"}}' },
]
const found = (path: string, text: string) =>
  dependencies([...manifests, { path, text }]).map((finding) => finding.message)

describe('dependencies', () => {
  it('objects to a package that the workspace does not name', () => {
    expect(found('sdk/src/a.ts', "import { z } from 'zod/mini'")).toEqual([
      'sdk/package.json does not name zod',
    ])
    expect(found('sdk/src/a.ts', "import type { x } from '@c/d/e'")).toEqual([
      'sdk/package.json does not name @c/d',
    ])
  })

  it('knows those that it names, files, private names and modules of Node', () => {
    const text = ['viem/accounts', '@a/b', './b.ts', '#secp256k1', 'node:fs'].map(
      (name) => `import '${name}'`,
    )
    expect(found('sdk/src/a.ts', text.join('\n'))).toEqual([])
  })

  it('lets tests and what is no workspace use the tools of the root', () => {
    expect(found('sdk/src/a.test.ts', "import { it } from 'vitest'")).toEqual([])
    expect(found('scripts/a.ts', "import { it } from 'vitest'")).toEqual([])
  })
})
