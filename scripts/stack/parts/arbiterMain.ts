/**
 * The stack's arbiter, a process of its own: rules every case that names it as its script suggests. `ARBITER_KEYSTORE`
 * and `ARBITER_PASSWORD` name files, `ARBITER_MATCHER` the matcher's address.
 */
import { readFileSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'
import { unsealKey } from '../../../cli/src/keystore/sealKey.ts'
import { printResolution } from '../../arbiter/print.ts'
import { watchAndResolve } from '../../arbiter/resolve.ts'

const { ARBITER_KEYSTORE: file = '', ARBITER_PASSWORD: passwordFile = '', ARBITER_MATCHER = '' } = process.env
const password = readFileSync(passwordFile, 'utf8').trim()
const account = privateKeyToAccount(await unsealKey(readFileSync(file, 'utf8'), password, file))

const stopping = new AbortController()
process.on('SIGTERM', () => stopping.abort())
console.log(JSON.stringify({ arbiter: account.address }))
await watchAndResolve({
  matcher: ARBITER_MATCHER,
  account,
  signal: stopping.signal,
  onResolution: (resolution) => console.log(printResolution(resolution).join('\n')),
  onError: (error, id) => console.error(`${id ? `case ${id}: ` : ''}${error.message}`),
})
process.exit(0)
