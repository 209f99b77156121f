import { describe, expect, it } from 'vitest'
import { cycles } from './cycles.ts'

describe('cycles of imports', () => {
  it('finds a ring and shows it', () => {
    const findings = cycles([
      { path: 'a/one.ts', text: "import { two } from './two.ts'" },
      { path: 'a/two.ts', text: "import { three } from '../b/three.ts'" },
      { path: 'b/three.ts', text: "import type { One } from '../a/one.ts'" },
    ])
    expect(findings.map((finding) => finding.message)).toEqual([
      'a cycle of imports: a/one.ts → a/two.ts → b/three.ts → a/one.ts',
    ])
  })

  it('lets two files share a third', () => {
    const findings = cycles([
      { path: 'one.ts', text: "import './three.ts'\nimport './two.ts'" },
      { path: 'two.ts', text: "import './three.ts'" },
      { path: 'three.ts', text: '' },
    ])
    expect(findings).toEqual([])
  })
})
