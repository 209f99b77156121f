// A lock between processes: a file that exists while its holder lives.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** Milliseconds between two looks at somebody else's lock. */
const LOOK_EVERY = 250

/**
 * Runs `work` while no other process that uses the same file does.
 * A holder that was killed is noticed by its process id.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {(holder: number) => void} onWait told once, when another process is first
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait = () => {}) {
  let told = false
  while (!tryTake(file)) {
    const holder = readHolder(file)
    if (holder === undefined) continue
    if (!isAlive(holder)) {
      removeStale(file, holder)
      continue
    }
    if (!told) onWait(holder)
    told = true
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/**
 * The file is written aside and linked into place, so that a lock always names its holder.
 * @param {string} file
 */
function tryTake(file) {
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, String(process.pid))
  try {
    linkSync(aside, file)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  } finally {
    rmSync(aside)
  }
}

/**
 * @param {string} file
 * @returns {number | undefined} undefined when the lock was released meanwhile
 */
function readHolder(file) {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

/**
 * Of several processes that find the same dead holder, one renames; and what it renamed may be
 * the lock of one that was faster, which then goes back.
 * @param {string} file
 * @param {number} dead
 */
function removeStale(file, dead) {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    throw error
  }
  if (readHolder(aside) === dead) rmSync(aside)
  else renameSync(aside, file)
}

/**
 * Whether an error is the system's of this name, such as ENOENT.
 * @param {unknown} error
 * @param {string} code
 */
export function isCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code
}
