/* Calls that look at descriptors, and those that change what is seen there. */
#include "stat.h"

#include "clock.h"
#include "descriptors.h"

#define RIGHT(bit) (1ull << (bit))

/*
 * Rights that descriptors show. They inform (wasi-libc reads them to tell a terminal from a file); of those asked
 * for, only the right to write is kept. Folders show the rights to create and write, so that a program gets as far
 * as the honest answer, a read-only file system.
 */
enum { FD_DATASYNC, FD_READ, FD_SEEK, FD_SET_FLAGS, FD_SYNC, FD_TELL, FD_WRITE, FD_ADVISE, FD_ALLOCATE };
enum { FD_READDIR = 14, FD_STAT = 21, FD_SET_SIZE, FD_SET_TIMES, POLL = 27 };
#define SINK_RIGHTS                                                                                          \
  (RIGHT(FD_DATASYNC) | RIGHT(FD_SET_FLAGS) | RIGHT(FD_SYNC) | RIGHT(FD_WRITE) | RIGHT(FD_STAT) | RIGHT(POLL))
#define SOURCE_RIGHTS (RIGHT(FD_READ) | RIGHT(FD_SET_FLAGS) | RIGHT(FD_STAT) | RIGHT(POLL))
#define FILE_RIGHTS                                                                                          \
  (SOURCE_RIGHTS | RIGHT(FD_DATASYNC) | RIGHT(FD_SEEK) | RIGHT(FD_SYNC) | RIGHT(FD_TELL) | RIGHT(FD_ADVISE))
#define WRITABLE_RIGHTS                                                                                      \
  (FILE_RIGHTS | RIGHT(FD_WRITE) | RIGHT(FD_ALLOCATE) | RIGHT(FD_SET_SIZE) | RIGHT(FD_SET_TIMES))
/* fd_fdstat_set_flags, fd_sync, every path_*, fd_readdir, fd_filestat_get */
#define FOLDER_RIGHTS (RIGHT(FD_SET_FLAGS) | RIGHT(FD_SYNC) | ((RIGHT(27) - RIGHT(9)) & ~RIGHT(22)))
#define ALL_RIGHTS (RIGHT(30) - 1)

enum { TYPE_UNKNOWN = 0, TYPE_DIRECTORY = 3, TYPE_FILE = 4 };

static u8 type_of(const struct node *node) {
  return node->folder ? TYPE_DIRECTORY : TYPE_FILE;
}

static u64 rights_of(const struct descriptor *descriptor) {
  switch (descriptor->kind) {
    case SOURCE: return SOURCE_RIGHTS;
    case SINK: return SINK_RIGHTS;
    case FOLDER: return FOLDER_RIGHTS;
    default: return descriptor->writes ? WRITABLE_RIGHTS : FILE_RIGHTS;
  }
}

struct fdstat {
  u8 type;
  u16 flags;
  u64 rights, inherited;
};
_Static_assert(sizeof(struct fdstat) == 24, "as in memory");

WASI(fd_fdstat_get)(u32 fd, u32 out) {
  const struct descriptor *descriptor = descriptor_get(fd);
  if (!descriptor) return E_BADF;
  CHECK(out, sizeof(struct fdstat));
  bool pipe = descriptor->kind == SOURCE || descriptor->kind == SINK;
  struct fdstat stat;
  zero_bytes(&stat, sizeof stat);
  stat.type = pipe ? TYPE_UNKNOWN : type_of(&descriptor->node);
  stat.flags = descriptor->flags;
  stat.rights = rights_of(descriptor);
  stat.inherited = descriptor->kind == FOLDER ? ALL_RIGHTS : 0;
  copy_out(out, &stat, sizeof stat);
  return 0;
}

WASI(fd_fdstat_set_flags)(u32 fd, u32 flags) {
  if (flags & ~(u32)ALL_FLAGS) return E_INVAL;
  struct descriptor *descriptor = descriptor_get(fd);
  if (!descriptor) return E_BADF;
  descriptor->flags = flags;
  return 0;
}

WASI(fd_fdstat_set_rights)(u32 fd, u64 rights, u64 inherited) {
  (void)rights, (void)inherited;
  return descriptor_get(fd) ? E_NOTSUP : E_BADF;
}

struct filestat {
  u64 device, inode;
  u8 type;
  u64 links, size, accessed, modified, changed;
};
_Static_assert(sizeof(struct filestat) == 64, "as in memory");

static void write_filestat(u32 out, u8 type, u64 inode, u64 size, u64 accessed, u64 modified) {
  struct filestat stat;
  zero_bytes(&stat, sizeof stat);
  stat.inode = inode;
  stat.type = type;
  stat.links = 1;
  stat.size = size;
  stat.accessed = accessed;
  stat.modified = stat.changed = modified;
  copy_out(out, &stat, sizeof stat);
}

/* What is in the input, and `/out`, came to be when the program started. */
void stat_node(u32 out, const struct node *node) {
  bool made = node->made && node->made != &made_root;
  u64 accessed = made ? node->made->accessed : input.clock;
  u64 modified = made ? node->made->modified : input.clock;
  write_filestat(out, type_of(node), node_inode(node), node_size(node), accessed, modified);
}

WASI(fd_filestat_get)(u32 fd, u32 out) {
  const struct descriptor *descriptor = descriptor_get(fd);
  if (!descriptor) return E_BADF;
  CHECK(out, sizeof(struct filestat));
  if (descriptor->kind == FILE || descriptor->kind == FOLDER) stat_node(out, &descriptor->node);
  else write_filestat(out, TYPE_UNKNOWN, 0, 0, input.clock, input.clock);
  return 0;
}

/* A file that can be changed: made by the program, and opened to write. */
static u32 get_changeable(u32 fd, struct made **made) {
  const struct descriptor *descriptor = descriptor_get(fd);
  if (!descriptor) return E_BADF;
  if (descriptor->kind == SOURCE || descriptor->kind == SINK) return E_INVAL;
  *made = descriptor->node.made;
  if (!*made) return E_ROFS;
  return descriptor->writes ? 0 : E_INVAL;
}

static u32 resize(struct made *made, u64 size) {
  TRY(made_resize(made, size));
  made->modified = clock_now();
  return 0;
}

WASI(fd_filestat_set_size)(u32 fd, u64 size) {
  struct made *made;
  TRY(get_changeable(fd, &made));
  return resize(made, size);
}

WASI(fd_allocate)(u32 fd, u64 offset, u64 length) {
  struct made *made;
  u64 end;
  TRY(get_changeable(fd, &made));
  if (length == 0 || __builtin_add_overflow(offset, length, &end)) return E_INVAL;
  return end > made->size ? resize(made, end) : 0;
}

enum { SET_ACCESSED = 1, ACCESSED_NOW = 2, SET_MODIFIED = 4, MODIFIED_NOW = 8 };

u32 set_times(const struct node *node, u64 accessed, u64 modified, u32 flags) {
  if (!node->made || node->made == &made_root) return E_ROFS;
  bool both_accessed = flags & SET_ACCESSED && flags & ACCESSED_NOW;
  bool both_modified = flags & SET_MODIFIED && flags & MODIFIED_NOW;
  if (both_accessed || both_modified) return E_INVAL;
  if (flags & SET_ACCESSED) node->made->accessed = accessed;
  if (flags & ACCESSED_NOW) node->made->accessed = clock_now();
  if (flags & SET_MODIFIED) node->made->modified = modified;
  if (flags & MODIFIED_NOW) node->made->modified = clock_now();
  return 0;
}

WASI(fd_filestat_set_times)(u32 fd, u64 accessed, u64 modified, u32 flags) {
  const struct descriptor *descriptor = descriptor_get(fd);
  if (!descriptor) return E_BADF;
  if (descriptor->kind == SOURCE || descriptor->kind == SINK) return E_INVAL;
  return set_times(&descriptor->node, accessed, modified, flags);
}

static bool get_preopened(u32 fd) {
  const struct descriptor *descriptor = descriptor_get(fd);
  return descriptor && descriptor->preopened;
}

WASI(fd_prestat_get)(u32 fd, u32 out) {
  if (!get_preopened(fd)) return E_BADF;
  CHECK(out, 8);
  store32(out, 0);
  store32(out + 4, 1);
  return 0;
}

WASI(fd_prestat_dir_name)(u32 fd, u32 out, u32 length) {
  if (!get_preopened(fd)) return E_BADF;
  if (length < 1) return E_NAMETOOLONG;
  CHECK(out, 1);
  copy_out(out, "/", 1);
  return 0;
}

struct dirent {
  u64 next, inode;
  u32 length;
  u8 type;
};
_Static_assert(sizeof(struct dirent) == 24, "as in memory");

/* The last entry is cut off where the buffer ends, so that the program knows that there is more. */
WASI(fd_readdir)(u32 fd, u32 buffer, u32 length, u64 cookie, u32 out) {
  const struct node *folder;
  struct listed listed;
  CHECK(buffer, length);
  CHECK(out, 4);
  TRY(descriptor_folder(fd, &folder));
  u32 used = 0;
  while (used < length && list(folder, cookie, &listed)) {
    struct dirent entry;
    zero_bytes(&entry, sizeof entry);
    entry.next = listed.next;
    entry.inode = node_inode(&listed.node);
    entry.length = listed.length;
    entry.type = type_of(&listed.node);
    u32 part = least(sizeof entry, length - used);
    copy_out(buffer + used, &entry, part);
    used += part;
    part = least(listed.length, length - used);
    copy_out(buffer + used, listed.name, part);
    used += part;
    cookie = listed.next;
  }
  store32(out, used);
  return 0;
}
