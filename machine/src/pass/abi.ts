/**
 * What a canonical program shows to whoever runs it. The pass writes these exports and a runner reads them;
 * nothing else passes between the two.
 *
 * A runner
 * 1. compiles and instantiates the canonical bytes with the imports that `Program.imports` names
 *    (instantiation runs no code of the program: its start function is called by the entry),
 * 2. sets `fuel` to the limit, as a bigint of at most {@link MAX_FUEL},
 * 3. calls `run()`, which takes nothing and returns the exit code as an i32,
 * 4. if the call threw a `WebAssembly.RuntimeError`, reads `state` to know why (see {@link STATE}),
 * 5. reads `fuel` again: limit − fuel is the fuel used, exact at every stop, and never negative.
 *
 * While an import is being called the runner may lower `fuel` for work that it did on the program's behalf.
 * If there is too little, it sets `fuel` to 0n and `state` to `STATE.outOfFuel` and throws.
 *
 * Anything thrown that is neither a RuntimeError nor the runner's own (a RangeError, for one, when V8's own
 * stack overflows or memory cannot be had) is an abort by the host and never a result.
 */

/** Exports that start so belong to the machine; a module that has one of its own is refused. */
export const RESERVED_PREFIX = 'millrace:'

/** Names of the canonical program's exports. There are no others. */
export const EXPORTS = {
  /** `() -> i32`: start function, `_initialize` and the entry, as far as the module has them. */
  run: 'millrace:run',
  /** The memory, whatever the module called it. Absent if the module has none. */
  memory: 'memory',
  /** The memory that the primitives act on. Absent if nothing was linked. */
  libraryMemory: 'millrace:memory',
  /** Mutable i64: units of fuel left. 0 after instantiation. */
  fuel: 'millrace:fuel',
  /** Mutable i32: one of {@link STATE}. */
  state: 'millrace:state',
  /** Mutable i32: stack slots left, {@link STACK_SLOTS} after instantiation. For diagnosis only. */
  stack: 'millrace:stack',
} as const

/** Why a program was stopped by its own instrumentation. The codes below 5 are those of a result's status. */
export const STATE = {
  /** Not stopped by the instrumentation: a trap seen with this state is the program's own. */
  running: 0,
  /** What comes next costs more than is left (`fold.ts`). `fuel` is 0 then: all of the limit was used. */
  outOfFuel: 2,
  /** A call would have gone beyond {@link STACK_SLOTS}, or something that it calls could have. */
  stackExhausted: 3,
  /** The host could not give what the program may have (memory, table): no result may be reported. */
  hostAbort: 255,
} as const

/** The most fuel a run can be given: the counter is a signed 64-bit number. */
export const MAX_FUEL = 2n ** 63n - 1n

/**
 * Stack slots that a program may use. A frame takes one for each parameter, local and operand that it can hold
 * at once, one for each value of its largest call, one for each 2^{@link BODY_BYTES_PER_SLOT_LOG2} bytes of its
 * body, and {@link FRAME_SLOTS} more. Only functions that calls can come back to count while they run, for themselves and
 * for those without a count that lead from them to the next (`guards.ts`).
 */
export const STACK_SLOTS = 3 << 19

/** Slots charged for a frame beyond what it holds: return address, instance, saved registers, padding. */
export const FRAME_SLOTS = 16

/**
 * An optimising compiler may keep a value across a call instead of computing it again after it, so a frame can
 * hold values that are neither locals nor operands. There are no more of them than the body has room for.
 */
export const BODY_BYTES_PER_SLOT_LOG2 = 5

/**
 * Native stack that a thread needs so that {@link STACK_SLOTS} run out before it does: 64 bytes for each slot,
 * and 4 MiB for the runner's own frames. Measured with V8 13.6, over frames made to be large in both of its
 * compilers: at most 20 bytes a slot, but where it inlines functions that keep many values: up to 57.
 */
export const NATIVE_STACK_BYTES = STACK_SLOTS * 64 + 4 * 1024 * 1024

/**
 * V8's flag for it. The operating system must grant the thread more than this (`ulimit -s`, or a Worker's
 * `resourceLimits.stackSizeMb`), or the process dies where it should abort.
 */
export const V8_FLAGS: readonly string[] = [`--stack-size=${NATIVE_STACK_BYTES / 1024}`]
