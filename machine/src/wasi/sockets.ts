import { ERRNO, Failure } from './preview1.ts'
import type { World } from './world.ts'

/** There is no network: no descriptor is a socket. */
export function socketCalls({ descriptors }: World) {
  const refuse = (fd: number) => {
    descriptors.get(fd)
    throw new Failure(ERRNO.notsock)
  }
  return { sock_accept: refuse, sock_recv: refuse, sock_send: refuse, sock_shutdown: refuse }
}
