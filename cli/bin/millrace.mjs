#!/usr/bin/env node
// Runs the command line under a Node that strips types. npx may have been started by an older one,
// and then the project's pinned Node takes over.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isNewEnough = major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)

if (!isInstalled()) {
  console.error('millrace: its packages are not installed yet. `npm start` in the clone installs them.')
  process.exitCode = 1
} else if (isNewEnough) {
  await import('../src/compileCache.ts')
  await import('../src/main.ts')
} else {
  const here = fileURLToPath(import.meta.url)
  const pinned = findPinned(path.dirname(here))
  if (pinned) handOver(pinned, here)
  else {
    console.error(`millrace: Node ${process.versions.node} is too old. Install Node 24.`)
    process.exitCode = 1
  }
}

function isInstalled() {
  try {
    return Boolean(import.meta.resolve('@millrace/sdk'))
  } catch {
    return false
  }
}

/**
 * @param {string} folder where the search for node_modules begins, upwards
 * @returns {string | undefined}
 */
function findPinned(folder) {
  const node = path.join(folder, 'node_modules', '.bin', 'node')
  if (existsSync(node)) return node
  const parent = path.dirname(folder)
  return parent === folder ? undefined : findPinned(parent)
}

/**
 * @param {string} node
 * @param {string} script
 */
function handOver(node, script) {
  const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: 'inherit' })
  // At a terminal the child gets Ctrl-C by itself.
  const atTerminal = Boolean(process.stdin.isTTY)
  process.on('SIGINT', () => {
    if (!atTerminal) child.kill('SIGINT')
  })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('error', (error) => {
    console.error(`millrace: ${node} could not be started: ${error.message}. Install Node 24.`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
