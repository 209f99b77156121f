// Installs the packages that the lockfile pins, once, also when several processes ask at once.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { isCode, withLock } from './lock.mjs'
import { libc, pinnedNode, projectEnvironment } from './runtime.mjs'

/**
 * Returns once node_modules holds what package-lock.json says. Throws a sentence for the user otherwise.
 * @param {string} root
 */
export async function ensureInstalled(root) {
  if (missingPackages(root).length === 0) return
  mkdirSync(path.join(root, '.millrace'), { recursive: true })
  await withLock(
    path.join(root, '.millrace', 'install.lock'),
    () => install(root),
    (holder) => console.error(`millrace: waiting for process ${holder}, which is installing…`),
  )
}

/** @param {string} root */
async function install(root) {
  // Somebody else may have installed while this process waited for the lock.
  let missing = missingPackages(root)
  if (missing.length === 0) return

  const started = Date.now()
  console.error('millrace: installing the packages that package-lock.json pins (about a minute, once)…')
  // `npm ci` begins by deleting everything, and a stack may be running out of this very folder:
  // an installation that is only behind is brought up to date in place.
  const isFirst = Object.keys(readInstalled(root)).length === 0
  if (missing.some((entry) => !entry.optional)) {
    await npm(root, process.execPath, isFirst ? ['ci'] : ['install', '--no-save'])
  }

  // npm under an old Node leaves out optional packages that ask for a newer one, Hardhat's native
  // chain among them. The pinned Node is there by now, and under it npm adds just those.
  missing = missingPackages(root)
  const node = pinnedNode(root)
  if (missing.length > 0 && node) await npm(root, node, ['install', '--no-save'])

  missing = missingPackages(root)
  if (missing.length > 0) {
    const names = missing.map((entry) => entry.path.replace('node_modules/', ''))
    throw new Error(
      `npm left out ${names.join(', ')}. Check the network, use Node 22.18 or later, and run the same command again.`,
    )
  }
  console.error(`millrace: installed in ${Math.round((Date.now() - started) / 1000)} s.`)
}

/**
 * @param {string} root
 * @param {string} node the Node to run npm under
 * @param {string[]} command
 */
function npm(root, node, command) {
  // Whoever runs with NODE_ENV=production or omit=optional still needs the tests' packages and the natives.
  const args = [
    ...command,
    '--include=dev',
    '--include=optional',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
  ]
  // `npm start` names the npm that is running; without it, the one on PATH is asked.
  const self = process.env.npm_execpath
  const isNpm = self !== undefined && path.basename(self) === 'npm-cli.js'
  const env = node === process.execPath ? process.env : projectEnvironment(root)
  const child = isNpm
    ? spawn(node, [self, ...args], { cwd: root, env, stdio: ['ignore', 2, 2] })
    : spawn('npm', args, { cwd: root, env, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })

  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`npm could not be started: ${error.message}`)))
    child.on('exit', (code, signal) => {
      if (code === 0) resolve(undefined)
      else
        reject(
          new Error(
            `\`npm ${command.join(' ')}\` failed (${signal ?? `exit code ${code}`}); its reason is above.`,
          ),
        )
    })
  })
}

/**
 * What the lockfile asks for on this machine and npm's record of its last complete install lacks.
 * That record is written at the end of an install, so that a broken-off one counts as none.
 * @param {string} root
 */
export function missingPackages(root) {
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  return difference(wanted.packages, readInstalled(root), {
    os: process.platform,
    cpu: process.arch,
    libc: libc(),
  })
}

/** @param {string} root */
function readInstalled(root) {
  try {
    const file = path.join(root, 'node_modules', '.package-lock.json')
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return {}
    throw error
  }
}

/**
 * @typedef {{version?: string, integrity?: string, optional?: boolean, os?: string | string[],
 *   cpu?: string | string[], libc?: string | string[]}} Package
 * @param {Record<string, Package>} wanted `packages` of package-lock.json
 * @param {Record<string, Package>} installed `packages` of node_modules/.package-lock.json
 * @param {{os: string, cpu: string, libc?: string}} machine
 * @returns {{path: string, optional: boolean}[]}
 */
export function difference(wanted, installed, machine) {
  const missing = []
  for (const [where, entry] of Object.entries(wanted)) {
    if (where === '') continue
    const found = installed[where]
    if (found) {
      if (found.version !== entry.version || found.integrity !== entry.integrity) {
        missing.push({ path: where, optional: false })
      }
    } else if (!entry.optional) {
      missing.push({ path: where, optional: false })
    } else if (isNativeOf(entry, machine)) {
      missing.push({ path: where, optional: true })
    }
  }
  return missing
}

/**
 * Whether an optional package is the native part made for this machine. Other optional packages
 * may be absent for good reasons, such as no compiler to build them.
 * @param {Package} entry
 * @param {{os: string, cpu: string, libc?: string}} machine
 */
function isNativeOf(entry, machine) {
  if (!entry.os || !entry.cpu) return false
  return fits(entry.os, machine.os) && fits(entry.cpu, machine.cpu) && fits(entry.libc, machine.libc)
}

/**
 * @param {string | string[] | undefined} allowed npm writes a name, a list, or a list of `!name`
 * @param {string | undefined} actual
 */
function fits(allowed, actual) {
  if (allowed === undefined || actual === undefined) return true
  const names = [allowed].flat()
  if (names.every((name) => name.startsWith('!'))) return !names.includes(`!${actual}`)
  return names.includes(actual)
}
