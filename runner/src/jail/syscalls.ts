/**
 * The system calls that a job's process gets, by architecture. What is not here does not exist for it: no sockets,
 * no files to write, no other processes, no namespaces, no tracing, no keys, no BPF, no io_uring.
 *
 * Numbers are the kernel's: arch/x86/entry/syscalls/syscall_64.tbl, and include/uapi/asm-generic/unistd.h for arm64.
 * The list is what Node 22 and 24 call from start to end under glibc, and what musl calls in their place.
 */

/** Architectures that there are numbers for, as Node names them. */
export type Architecture = 'x64' | 'arm64'

/** [x86-64, arm64]; `undefined` where that kernel never had the call. */
type Numbers = readonly [x64: number, arm64: number | undefined]

const column: Record<Architecture, 0 | 1> = { x64: 0, arm64: 1 }

/** Calls that are harmless whatever their arguments are. */
const ALLOWED: Record<string, Numbers> = {
  // open files, of which there are the pipes and what the jail binds read-only
  read: [0, 63],
  write: [1, 64],
  readv: [19, 65],
  writev: [20, 66],
  pread64: [17, 67],
  close: [3, 57],
  fstat: [5, 80],
  newfstatat: [262, 79],
  stat: [4, undefined],
  lstat: [6, undefined],
  statx: [332, 291],
  lseek: [8, 62],
  getcwd: [79, 17],
  readlink: [89, undefined],
  readlinkat: [267, 78],
  access: [21, undefined],
  faccessat: [269, 48],
  faccessat2: [439, 439],
  getdents64: [217, 61],
  // node finds out whether its standard streams are sockets
  getsockopt: [55, 209],
  getsockname: [51, 204],
  // the event loop
  pipe2: [293, 59],
  eventfd2: [290, 19],
  epoll_create1: [291, 20],
  epoll_ctl: [233, 21],
  epoll_wait: [232, undefined],
  epoll_pwait: [281, 22],
  epoll_pwait2: [441, 441],
  poll: [7, undefined],
  ppoll: [271, 73],
  // memory; V8 writes code, so that PROT_EXEC has to be allowed
  mmap: [9, 222],
  munmap: [11, 215],
  mprotect: [10, 226],
  mremap: [25, 216],
  madvise: [28, 233],
  brk: [12, 214],
  membarrier: [324, 283],
  pkey_alloc: [330, 289],
  pkey_free: [331, 290],
  pkey_mprotect: [329, 288],
  // threads of this process
  futex: [202, 98],
  rseq: [334, 293],
  set_robust_list: [273, 99],
  set_tid_address: [218, 96],
  sched_yield: [24, 124],
  sched_getaffinity: [204, 123],
  sched_getparam: [143, 121],
  sched_getscheduler: [145, 120],
  getcpu: [309, 168],
  // signals; tgkill is how a process aborts, and reaches nobody outside its pid namespace
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  rt_sigreturn: [15, 139],
  sigaltstack: [131, 132],
  tgkill: [234, 131],
  restart_syscall: [219, 128],
  // time
  clock_gettime: [228, 113],
  clock_getres: [229, 114],
  clock_nanosleep: [230, 115],
  nanosleep: [35, 101],
  gettimeofday: [96, 169],
  time: [201, undefined],
  // questions about itself
  uname: [63, 160],
  sysinfo: [99, 179],
  getpid: [39, 172],
  getppid: [110, 173],
  gettid: [186, 178],
  getuid: [102, 174],
  geteuid: [107, 175],
  getgid: [104, 176],
  getegid: [108, 177],
  capget: [125, 90],
  getrandom: [318, 278],
  getrusage: [98, 165],
  getrlimit: [97, 163],
  times: [100, 153],
  arch_prctl: [158, undefined],
  // The filter is on before node is: it has to be executed. What else could be is what the jail binds.
  execve: [59, 221],
  exit: [60, 93],
  exit_group: [231, 94],
}

/** A call that is allowed only where `args[arg] & mask` is one of `values`. */
interface Condition {
  readonly numbers: Numbers
  readonly arg: number
  readonly mask: number
  readonly values: readonly number[]
  /** What it gets otherwise: an error that it expects of this call. */
  readonly errno: number
}

const EPERM = 1
const EROFS = 30

const ALL_BITS = 0xffffffff
/** O_ACCMODE, O_CREAT, O_TRUNC, O_APPEND: any of them means to write. */
const WRITING = 0o3 | 0o100 | 0o1000 | 0o2000
const CLONE_THREAD = 0x00010000
/** CLONE_NEW… for time, mount, cgroup, uts, ipc, user, pid, net. */
const CLONE_NAMESPACES = 0x00000080 | 0x00020000 | 0x02000000 | 0x7c000000

const CONDITIONS: Record<string, Condition> = {
  /** Threads, not processes. `clone3` hides its flags in memory, is missing here, and glibc falls back to this. */
  clone: {
    numbers: [56, 220],
    arg: 0,
    mask: CLONE_THREAD | CLONE_NAMESPACES,
    values: [CLONE_THREAD],
    errno: EPERM,
  },
  openat: { numbers: [257, 56], arg: 2, mask: WRITING, values: [0], errno: EROFS },
  open: { numbers: [2, undefined], arg: 1, mask: WRITING, values: [0], errno: EROFS },
  /** F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC: no locks, leases, owners or pipe sizes. */
  fcntl: { numbers: [72, 25], arg: 1, mask: ALL_BITS, values: [0, 1, 2, 3, 4, 1030], errno: EPERM },
  /** TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: not TIOCSTI, which types into a terminal. */
  ioctl: {
    numbers: [16, 29],
    arg: 1,
    mask: ALL_BITS,
    values: [0x5401, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451],
    errno: EPERM,
  },
  /** PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_SET_VMA: names of threads and of memory. */
  prctl: { numbers: [157, 167], arg: 0, mask: ALL_BITS, values: [3, 15, 16, 23, 0x53564d41], errno: EPERM },
  /** Of the process itself, which can only tighten them. */
  prlimit64: { numbers: [302, 261], arg: 0, mask: ALL_BITS, values: [0], errno: EPERM },
}

/** Numbers that are allowed as they are. */
export function allowedCalls(architecture: Architecture): number[] {
  return Object.values(ALLOWED).flatMap((numbers) => numbers[column[architecture]] ?? [])
}

/** Calls that are allowed with some arguments. */
export function conditionalCalls(
  architecture: Architecture,
): (Omit<Condition, 'numbers'> & { number: number })[] {
  return Object.values(CONDITIONS).flatMap(({ numbers, ...condition }) => {
    const number = numbers[column[architecture]]
    return number === undefined ? [] : [{ ...condition, number }]
  })
}
