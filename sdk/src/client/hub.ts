/** One event stream of the client's account, shared by everything that the client waits for. */
import { watchEvents } from '../actions/watchEvents.ts'
import type { MarketEvent } from '../api/event.ts'
import type { MillraceError } from '../errors/error.ts'
import { accountOf, type Cache, type MillraceClient } from './client.ts'

export interface Listener {
  onEvent(event: MarketEvent): void
  /** From now on nothing is missed. Again after every break: what happened meanwhile is replayed. */
  onOpen?(): void
  onError?(error: MillraceError, final: boolean): void
}

export interface Hub {
  /** The stream is open as long as somebody listens. */
  listen(listener: Listener): () => void
}

const hubs = new WeakMap<Cache, Hub>()

export function hubOf(client: MillraceClient): Hub {
  const known = hubs.get(client.cache)
  if (known) return known
  const hub = createHub(client)
  hubs.set(client.cache, hub)
  return hub
}

function createHub(client: MillraceClient): Hub {
  const listeners = new Set<Listener>()
  let stop: (() => void) | undefined
  let open = false

  function start(): void {
    stop = watchEvents(client, {
      account: accountOf(client, 'watching jobs').address,
      onEvent: (event) => each((listener) => listener.onEvent(event)),
      onOpen: () => {
        open = true
        each((listener) => listener.onOpen?.())
      },
      onError: (error, final) => {
        open = false
        each((listener) => listener.onError?.(error, final))
        if (final) stop = undefined
      },
    })
  }

  function each(tell: (listener: Listener) => void): void {
    for (const listener of [...listeners]) tell(listener)
  }

  return {
    listen(listener) {
      listeners.add(listener)
      if (!stop) start()
      else if (open) queueMicrotask(() => listeners.has(listener) && listener.onOpen?.())
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        stop?.()
        stop = undefined
        open = false
      }
    },
  }
}
