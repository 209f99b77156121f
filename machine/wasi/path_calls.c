/* Calls that name a path. Below `/out` they change what is there; what else would change something is EROFS. */
#include "clock.h"
#include "descriptors.h"
#include "stat.h"

/* Two, for calls with two paths. */
static u8 path_bytes[2][MAX_PATH_BYTES];

/* EFAULT, ENAMETOOLONG, EILSEQ, EINVAL. */
static u32 read_path(u32 at, u32 length, u8 *path) {
  CHECK(at, length);
  if (length > MAX_PATH_BYTES) return E_NAMETOOLONG;
  copy_in(path, at, length);
  struct utf8 state = {0};
  if (check_text(&state, path, length, 0) && state.left == 0) return 0;
  for (u32 i = 0; i < length; i++)
    if (path[i] == 0) return E_INVAL;
  return E_ILSEQ;
}

/* Where a path leads from a descriptor; `which` says which path of the call it is. */
static u32 find_target(u32 fd, u32 at, u32 length, u32 which, struct target *target) {
  const struct node *from;
  TRY(descriptor_folder(fd, &from));
  TRY(read_path(at, length, path_bytes[which]));
  return resolve(from, path_bytes[which], length, target);
}

/* The same for what must exist. */
static u32 find(u32 fd, u32 at, u32 length, struct target *target) {
  TRY(find_target(fd, at, length, 0, target));
  return target->exists ? 0 : E_NOENT;
}

/* EROFS unless it is, or would be, in a folder that the program can change. */
static u32 check_changeable(const struct target *target) {
  return target->name && target->parent.made ? 0 : E_ROFS;
}

WASI(path_create_directory)(u32 fd, u32 path, u32 length) {
  struct target target;
  struct made *made;
  TRY(find_target(fd, path, length, 0, &target));
  if (target.exists) return E_EXIST;
  TRY(check_changeable(&target));
  return made_create(target.parent.made, target.name, target.length, true, clock_now(), &made);
}

WASI(path_remove_directory)(u32 fd, u32 path, u32 length) {
  struct target target;
  TRY(find(fd, path, length, &target));
  TRY(check_changeable(&target));
  if (!target.node.folder) return E_NOTDIR;
  if (target.node.made->first) return E_NOTEMPTY;
  made_remove(target.node.made);
  return 0;
}

WASI(path_unlink_file)(u32 fd, u32 path, u32 length) {
  struct target target;
  TRY(find(fd, path, length, &target));
  TRY(check_changeable(&target));
  if (target.node.folder) return E_ISDIR;
  made_remove(target.node.made);
  return 0;
}

WASI(path_filestat_get)(u32 fd, u32 lookup, u32 path, u32 length, u32 out) {
  (void)lookup;
  struct target target;
  TRY(find(fd, path, length, &target));
  CHECK(out, FILESTAT_BYTES);
  stat_node(out, &target.node);
  return 0;
}

WASI(path_filestat_set_times)(u32 fd, u32 lookup, u32 path, u32 length, u64 accessed, u64 modified, u32 flags) {
  (void)lookup;
  struct target target;
  TRY(find(fd, path, length, &target));
  return set_times(&target.node, accessed, modified, flags);
}

/* There are no links of any kind. */
WASI(path_link)(u32 from, u32 lookup, u32 old, u32 old_length, u32 to, u32 path, u32 length) {
  (void)lookup;
  struct target source, target;
  TRY(find(from, old, old_length, &source));
  TRY(find_target(to, path, length, 1, &target));
  TRY(check_changeable(&target));
  return target.exists ? E_EXIST : E_NOTSUP;
}

WASI(path_symlink)(u32 old, u32 old_length, u32 fd, u32 path, u32 length) {
  struct target target;
  TRY(read_path(old, old_length, path_bytes[0]));
  TRY(find_target(fd, path, length, 1, &target));
  TRY(check_changeable(&target));
  return target.exists ? E_EXIST : E_NOTSUP;
}

WASI(path_readlink)(u32 fd, u32 path, u32 length, u32 buffer, u32 size, u32 out) {
  (void)buffer, (void)size, (void)out;
  struct target target;
  TRY(find(fd, path, length, &target));
  return E_INVAL;
}

/* Whether a folder is the other one or below it. */
static bool within(const struct made *folder, const struct made *top) {
  for (; folder != top; folder = folder->parent)
    if (folder == &made_root) return false;
  return true;
}

/* Takes away what a rename goes over. */
static u32 replace(const struct made *moved, struct made *replaced) {
  if (replaced->folder && !moved->folder) return E_ISDIR;
  if (!replaced->folder && moved->folder) return E_NOTDIR;
  if (replaced->first) return E_NOTEMPTY;
  made_remove(replaced);
  return 0;
}

WASI(path_rename)(u32 from, u32 old, u32 old_length, u32 to, u32 path, u32 length) {
  struct target source, target;
  TRY(find(from, old, old_length, &source));
  TRY(find_target(to, path, length, 1, &target));
  TRY(check_changeable(&source));
  TRY(check_changeable(&target));
  struct made *moved = source.node.made;
  if (target.node.made == moved && target.exists) return 0;
  if (target.slash && !target.exists && !moved->folder) return E_NOTDIR;
  if (moved->folder && within(target.parent.made, moved)) return E_INVAL;
  TRY(made_can_move(moved, target.parent.made, target.length));
  if (target.exists) TRY(replace(moved, target.node.made));
  made_move(moved, target.parent.made, target.name, target.length);
  return 0;
}

enum { CREATE = 1, DIRECTORY = 2, EXCLUSIVE = 4, TRUNCATE = 8 };
/* fd_write, fd_allocate, fd_filestat_set_size: asking for one of them is opening to write. */
#define WRITING (1ull << 6 | 1ull << 8 | 1ull << 22)

static u32 check_existing(const struct node *node, u32 flags, bool writes) {
  if (flags & CREATE && flags & EXCLUSIVE) return E_EXIST;
  if (!node->folder && flags & DIRECTORY) return E_NOTDIR;
  if (!writes && !(flags & TRUNCATE)) return 0;
  if (node->folder) return E_ISDIR;
  return node->made ? 0 : E_ROFS;
}

static u32 check_missing(const struct target *target, u32 flags) {
  if (!(flags & CREATE)) return E_NOENT;
  TRY(check_changeable(target));
  if (target->slash) return E_ISDIR;
  return flags & DIRECTORY ? E_INVAL : 0;
}

WASI(path_open)
(u32 fd, u32 lookup, u32 path, u32 length, u32 flags, u64 rights, u64 inherited, u32 fd_flags, u32 out) {
  (void)lookup, (void)inherited;
  struct target target;
  u32 opened;
  bool writes = rights & WRITING;
  CHECK(out, 4);
  TRY(find_target(fd, path, length, 0, &target));
  TRY(target.exists ? check_existing(&target.node, flags, writes) : check_missing(&target, flags));
  TRY(descriptor_free(&opened));
  if (!target.exists) {
    struct made *made;
    TRY(made_create(target.parent.made, target.name, target.length, false, clock_now(), &made));
    target.node = made_node(made);
  } else if (flags & TRUNCATE) {
    made_resize(target.node.made, 0);
    target.node.made->modified = clock_now();
  }
  struct descriptor descriptor = {.kind = target.node.folder ? FOLDER : FILE, .flags = fd_flags, .node = target.node};
  descriptor.writes = writes && !target.node.folder;
  descriptor_open(opened, descriptor);
  store32(out, opened);
  return 0;
}
