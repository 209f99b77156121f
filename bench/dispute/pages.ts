// Pages of states in a file, which the process that opened it closes at its end.
import { openSync, readSync, writeSync } from 'node:fs'
import type { PageStore } from '@millrace/machine/steps'

export function openPages(name: string): PageStore {
  const file = openSync(name, 'wx+')
  const places = new Map<string, { at: number; length: number }>()
  let end = 0
  return {
    put(key, bytes) {
      if (places.has(key)) return
      writeSync(file, bytes, 0, bytes.length, end)
      places.set(key, { at: end, length: bytes.length })
      end += bytes.length
    },
    get(key) {
      const { at, length } = places.get(key)!
      const bytes = new Uint8Array(length)
      readSync(file, bytes, 0, length, at)
      return bytes
    },
  }
}
