/** Waiting for something that an event tells and that can also be read: whichever comes first. */
import type { MarketEvent } from '../api/event.ts'
import { BadResponseError, NetworkError, ProblemError, TimeoutError } from '../errors/http.ts'
import type { Listener } from './hub.ts'

export interface WaitOptions {
  /** Milliseconds; without it, as long as it takes. */
  timeout?: number
  signal?: AbortSignal
}

export interface Waiting<T> extends WaitOptions {
  /** For the error: what took too long. */
  what: string
  /** Starts listening, and returns what stops it. */
  listen(listener: Listener): () => void
  /** What the event tells, if that is it. A throw ends the waiting. */
  match(event: MarketEvent): T | undefined
  /** Reads the present state, each time the stream opens. */
  read?(): Promise<T | undefined>
}

export function waitFor<T>({ what, timeout, signal, listen, match, read }: Waiting<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    let stop = (): void => {}
    const timer = timeout === undefined ? undefined : setTimeout(expired, timeout)
    const end = (finish: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      stop()
      finish()
    }
    function expired(): void {
      end(() => reject(new TimeoutError({ what, ms: timeout! })))
    }
    function aborted(): void {
      end(() => reject(signal?.reason))
    }
    const attempt = (find: () => T | undefined): void => {
      try {
        const found = find()
        if (found !== undefined) end(() => resolve(found))
      } catch (error) {
        end(() => reject(error))
      }
    }
    signal?.addEventListener('abort', aborted, { once: true })
    stop = listen({
      onEvent: (event) => attempt(() => match(event)),
      onOpen: () => {
        read?.().then(
          (value) => attempt(() => value),
          // What passes will be told by an event, or read when the stream is back.
          (error) => isPassing(error) || end(() => reject(error)),
        )
      },
      onError: (error, final) => final && end(() => reject(error)),
    })
  })
}

/** Whether reading failed on its way. What was read may be an error too, and is the end of waiting. */
function isPassing(error: unknown): boolean {
  const onItsWay =
    error instanceof NetworkError || error instanceof ProblemError || error instanceof BadResponseError
  return onItsWay && error.retryable
}
