#include "tree.h"

static const u8 OUT[] = {'o', 'u', 't'};

struct node tree_root(void) {
  return (struct node){.end = input.file_count, .offset = 1, .folder = true};
}

struct node made_node(struct made *made) {
  return (struct node){.made = made, .folder = made->folder};
}

static struct node file_node(u32 index) {
  return (struct node){.first = index};
}

/* A node of the input is a prefix of the first path that has it; the root has 1. Made ones come after. */
u64 node_inode(const struct node *node) {
  if (node->made) return (u64)input.path_bytes + 2 + node->made->inode;
  if (node->folder && node->offset == 1) return 1;
  const struct entry *path = &input.files[node->first];
  return (u64)path->start + (node->folder ? node->offset : path->length);
}

u64 node_size(const struct node *node) {
  if (node->folder) return 0;
  return node->made ? node->made->size : input.files[node->first].content.length;
}

/* The folder of this name whose first path is at `first`. */
static struct node folder_node(const struct node *parent, u32 length, u32 first) {
  const u8 *name = input.files[first].path + parent->offset;
  /* "0" is the byte after "/". */
  u32 end = lower_bound(name, length, '0', parent->offset, first, parent->end);
  return (struct node){.first = first, .end = end, .offset = parent->offset + length + 1, .folder = true};
}

static bool find_child(const struct node *folder, const u8 *name, u32 length, struct node *child) {
  if (folder->made) {
    struct made *made = made_child(folder->made, name, length);
    if (made) *child = made_node(made);
    return made;
  }
  u32 offset = folder->offset, end = folder->end;
  if (offset == 1 && length == sizeof OUT && equal_bytes(name, OUT, length)) {
    *child = made_node(&made_root);
    return true;
  }
  u32 at = lower_bound(name, length, 0, offset, folder->first, end);
  if (at < end && input.files[at].length == offset + length &&
      equal_bytes(input.files[at].path + offset, name, length)) {
    *child = file_node(at);
    return true;
  }
  at = lower_bound(name, length, '/', offset, at, end);
  if (at == end) return false;
  const struct entry *path = &input.files[at];
  if (path->length <= offset + length || path->path[offset + length] != '/') return false;
  if (!equal_bytes(path->path + offset, name, length)) return false;
  *child = folder_node(folder, length, at);
  return true;
}

/* The folder above; the root is above itself. */
static struct node parent_of(const struct node *folder) {
  if (folder->made) return folder->made == &made_root ? tree_root() : made_node(folder->made->parent);
  if (folder->offset == 1) return tree_root();
  const u8 *path = input.files[folder->first].path;
  u32 offset = folder->offset - 1;
  while (path[offset - 1] != '/') offset--;
  if (offset == 1) return tree_root();
  u32 first = lower_bound(path, offset, 0, 0, 0, folder->first);
  u32 end = lower_bound(path, offset - 1, '0', 0, folder->end, input.file_count);
  return (struct node){.first = first, .end = end, .offset = offset, .folder = true};
}

u32 resolve(const struct node *from, const u8 *path, u32 length, struct target *target) {
  if (length == 0) return E_NOENT;
  if (path[0] == '/') return E_NOTCAPABLE;
  *target = (struct target){.node = *from, .exists = true};
  struct node *node = &target->node;
  u32 depth = 0;
  for (u32 start = 0, end; start <= length; start = end + 1) {
    end = start;
    while (end < length && path[end] != '/') end++;
    const u8 *name = path + start;
    u32 size = end - start;
    if (!target->exists) {
      if (size > 0) return E_NOENT;
      target->slash = true;
      continue;
    }
    if (!node->folder) return E_NOTDIR;
    if (size == 0) continue;
    if (size == 1 && name[0] == '.') {
      target->name = 0;
      continue;
    }
    if (size == 2 && name[0] == '.' && name[1] == '.') {
      if (depth == 0) return E_NOTCAPABLE;
      depth--;
      *node = parent_of(node);
      target->name = 0;
      continue;
    }
    target->parent = *node;
    target->name = name;
    target->length = size;
    target->exists = find_child(&target->parent, name, size, node);
    depth++;
  }
  return 0;
}

static bool list_made(const struct made *folder, u64 cookie, struct listed *listed) {
  if (cookie > UINT32_MAX) return false;
  struct made *made = made_from(folder, (u32)cookie - 1);
  if (!made) return false;
  *listed = (struct listed){made->name, made->name_length, made_node(made), (u64)made->sequence + 2};
  return true;
}

bool list(const struct node *folder, u64 cookie, struct listed *listed) {
  static const u8 DOTS[] = {'.', '.'};
  if (cookie < 2) {
    *listed = (struct listed){DOTS, cookie + 1, cookie ? parent_of(folder) : *folder, cookie + 1};
    return true;
  }
  if (folder->made) return list_made(folder->made, cookie, listed);
  /* A cookie is the place of a path in the folder's range; each is that of a file or of the first below a folder. */
  u32 count = folder->end - folder->first, place = cookie - 2;
  if (cookie - 2 == count && folder->offset == 1) {
    *listed = (struct listed){OUT, sizeof OUT, made_node(&made_root), cookie + 1};
    return true;
  }
  if (cookie - 2 >= count) return false;
  u32 at = folder->first + place;
  const struct entry *path = &input.files[at];
  u32 slash = folder->offset;
  while (slash < path->length && path->path[slash] != '/') slash++;
  u32 length = slash - folder->offset;
  struct node node = slash == path->length ? file_node(at) : folder_node(folder, length, at);
  u32 next = node.folder ? node.end : at + 1;
  *listed = (struct listed){path->path + folder->offset, length, node, next - folder->first + 2};
  return true;
}
