/** Whether the same call may work later: errors of the SDK and of this service say so themselves. */
export function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true
}
