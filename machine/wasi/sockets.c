/* There is no network: no descriptor is a socket. */
#include "descriptors.h"

static u32 refuse(u32 fd) {
  return descriptor_get(fd) ? E_NOTSOCK : E_BADF;
}

WASI(sock_accept)(u32 fd, u32 flags, u32 out) {
  (void)flags, (void)out;
  return refuse(fd);
}

WASI(sock_recv)(u32 fd, u32 iovs, u32 count, u32 flags, u32 read, u32 out_flags) {
  (void)iovs, (void)count, (void)flags, (void)read, (void)out_flags;
  return refuse(fd);
}

WASI(sock_send)(u32 fd, u32 iovs, u32 count, u32 flags, u32 written) {
  (void)iovs, (void)count, (void)flags, (void)written;
  return refuse(fd);
}

WASI(sock_shutdown)(u32 fd, u32 how) {
  (void)how;
  return refuse(fd);
}
