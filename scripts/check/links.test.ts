import { describe, expect, it } from 'vitest'
import { links } from './links.ts'

const target = { path: 'docs/PROTOCOL.md', text: '# Protocol\n\n## 1. Orders & asks\n' }
const found = (text: string) => links([{ path: 'docs/a.md', text }, target]).map((finding) => finding.message)

describe('links in pages', () => {
  it('objects to a link to nothing', () => {
    expect(found('[x](NOWHERE.md)')).toEqual(['NOWHERE.md leads to no file'])
    expect(found('[x](PROTOCOL.md#2-leases)')).toEqual(['PROTOCOL.md#2-leases leads to no heading'])
    expect(found('[x](#here)')).toEqual(['#here leads to no heading'])
  })

  it('follows files, headings, folders and addresses', () => {
    const text =
      '# Here\n[a](PROTOCOL.md) [b](PROTOCOL.md#1-orders--asks) [c](#here) [d](../docs/) [e](https://x.example)'
    expect(found(text)).toEqual([])
  })

  it('reads no code', () => {
    expect(found('`f[0](x.y)`\n```ts\na[1](b.c)\n```\n')).toEqual([])
  })
})
