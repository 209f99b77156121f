/** One Ctrl-C may arrive twice, from the terminal and from the process that started this one. */
const SAME_PRESS_MS = 300

/** Ends in order on the first Ctrl-C (or SIGTERM), and at once on the next: who presses again does not want to wait. */
export function onInterrupt(endInOrder: () => void): void {
  let pressedAt = 0
  const press = () => {
    const now = Date.now()
    if (pressedAt === 0) {
      pressedAt = now
      endInOrder()
    } else if (now - pressedAt > SAME_PRESS_MS) {
      process.exit(130)
    }
  }
  process.on('SIGINT', press)
  process.on('SIGTERM', press)
}
