import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { escapeControls } from './log.ts'

const CANARY = `0x${'c0ffee'.repeat(10)}beef`

/** What a process writes that logs `fields`. */
function written(fields: string): string {
  const code = `import { makeLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)}
    makeLog('info').info(${fields}, 'text')`
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }).stderr
}

describe('makeLog', () => {
  it('writes no key, however deep it stands', () => {
    const line = written(
      `{ hotKey: '${CANARY}', config: { storeKey: '${CANARY}', a: { privateKey: '${CANARY}' } } }`,
    )
    expect(line).toContain('[secret]')
    expect(line).not.toContain(CANARY)
  })

  it('writes no control characters of strangers', () => {
    const line = written(`{ reason: 'red \\u001b[31m alert', nested: ['\\u009b2J'] }`)
    expect(JSON.parse(line)).toMatchObject({ reason: 'red \\x1b[31m alert', nested: ['\\x9b2J'] })
  })
})

describe('escapeControls', () => {
  it('leaves tabs, line ends and letters alone', () => {
    expect(escapeControls('a\tb\nÄ')).toBe('a\tb\nÄ')
  })
})
