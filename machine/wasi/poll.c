/* `poll_oneoff`: nothing is ever waited for. Pipes and files are ready, and a sleep moves the clock on. */
#include "clock.h"
#include "descriptors.h"

enum { CLOCK_EVENT, READ_EVENT, WRITE_EVENT };
enum { REALTIME, MONOTONIC };
enum { ABSOLUTE = 1 };

struct subscription {
  u64 user_data;
  u8 type;
  union {
    struct {
      u32 id;
      u64 timeout, precision;
      u16 flags;
    } clock;
    u32 fd;
  };
};
_Static_assert(sizeof(struct subscription) == 48, "as in memory");

struct event {
  u64 user_data;
  u16 error;
  u8 type;
  u64 bytes;
  u16 flags;
};
_Static_assert(sizeof(struct event) == 32, "as in memory");

/* What a subscription comes to, and the nanoseconds until then. */
static u64 await(const struct subscription *asked, struct event *event) {
  *event = (struct event){.user_data = asked->user_data, .type = asked->type};
  if (asked->type == CLOCK_EVENT) {
    u64 timeout = asked->clock.timeout;
    if (asked->clock.id > MONOTONIC) {
      event->error = E_INVAL;
      return 0;
    }
    if (!(asked->clock.flags & ABSOLUTE)) return timeout;
    u64 now = asked->clock.id == REALTIME ? clock_now() : clock_elapsed;
    return timeout > now ? timeout - now : 0;
  }
  const struct descriptor *descriptor = descriptor_get(asked->fd);
  if (!descriptor) event->error = E_BADF;
  else if (asked->type == READ_EVENT && (descriptor->kind == SOURCE || descriptor->kind == FILE)) {
    u64 size = size_of(descriptor);
    if (size > descriptor->position) event->bytes = size - descriptor->position;
  }
  return 0;
}

WASI(poll_oneoff)(u32 subscriptions, u32 events, u32 count, u32 out) {
  struct subscription asked;
  struct event event;
  u64 soonest = UINT64_MAX;
  bool absolute = false;
  if (count == 0) return E_INVAL;
  CHECK(subscriptions, (u64)count * sizeof asked);
  CHECK(events, (u64)count * sizeof event);
  CHECK(out, 4);
  for (u32 i = 0; i < count; i++) {
    copy_in(&asked, subscriptions + i * sizeof asked, sizeof asked);
    if (asked.type > WRITE_EVENT) return E_INVAL;
    if (asked.type == CLOCK_EVENT && asked.clock.flags & ABSOLUTE) absolute = true;
  }
  /* Points in time are compared with one reading. */
  if (absolute) clock_read();
  for (u32 i = 0; i < count; i++) {
    copy_in(&asked, subscriptions + i * sizeof asked, sizeof asked);
    u64 wait = await(&asked, &event);
    if (wait < soonest) soonest = wait;
  }
  u32 happened = 0;
  for (u32 i = 0; i < count; i++) {
    copy_in(&asked, subscriptions + i * sizeof asked, sizeof asked);
    if (await(&asked, &event) != soonest) continue;
    copy_out(events + happened++ * sizeof event, &event, sizeof event);
  }
  clock_elapsed += soonest;
  store32(out, happened);
  return 0;
}
