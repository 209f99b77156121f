const STEPS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size: `312 bytes`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  let size = bytes
  let step = 0
  while (size >= 1024 && step < STEPS.length - 1) {
    size /= 1024
    step++
  }
  const shown = step === 0 ? String(size) : size.toFixed(1).replace(/\.0$/, '')
  return `${shown} ${STEPS[step]}`
}
