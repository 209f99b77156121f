// Which Node runs the project, and how a script is handed over to it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

/**
 * The Node that the lockfile pins, where its package carries one that this machine can run.
 * @param {string} root the project's folder
 * @returns {string | undefined}
 */
export function pinnedNode(root) {
  const node = path.join(root, 'node_modules', '.bin', 'node')
  // The package's binary needs glibc, and npm installs it on musl all the same.
  return process.platform === 'linux' && libc() === 'glibc' && existsSync(node) ? node : undefined
}

/** @returns {'glibc' | 'musl' | undefined} undefined where the question has no meaning */
export function libc() {
  if (process.platform !== 'linux') return undefined
  const { header } = /** @type {{header: {glibcVersionRuntime?: string}}} */ (process.report.getReport())
  return header.glibcVersionRuntime ? 'glibc' : 'musl'
}

/**
 * Whether this version of Node runs TypeScript without a flag.
 * @param {string} version like `24.21.0`
 */
export function hasTypeStripping(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)
}

/**
 * The environment in which the project's own programs come first on PATH.
 * @param {string} root
 */
export function projectEnvironment(root) {
  const bin = path.join(root, 'node_modules', '.bin')
  return { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` }
}

/**
 * Runs a script to its end and ends this process as that one ended.
 * @param {string} node
 * @param {string[]} args
 * @param {string} root
 */
export function runUnder(node, args, root) {
  const child = spawn(node, args, { stdio: 'inherit', env: projectEnvironment(root) })

  // A terminal sends Ctrl-C to every process in the foreground: the child has had it already, and a
  // second one would tell it to hurry. Without a terminal only this process knows.
  const atTerminal = Boolean(process.stdin.isTTY)
  process.on('SIGINT', () => {
    if (!atTerminal) child.kill('SIGINT')
  })
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal))

  child.on('error', (error) => {
    console.error(`millrace: ${node} could not be started: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
