/**
 * The instructions that the machine knows. Those behind the prefix 0xfc are numbered from 0x100, so that one
 * small number names every instruction.
 */

export const I32 = 0x7f
export const I64 = 0x7e
export const F32 = 0x7d
export const F64 = 0x7c
export const FUNCREF = 0x70

/** How an instruction's immediate operands are written. */
export const IMM = {
  refused: 0,
  none: 1,
  blockType: 2,
  label: 3,
  labels: 4,
  func: 5,
  typeTable: 6,
  local: 7,
  global: 8,
  table: 9,
  memarg: 10,
  memory: 11,
  i32: 12,
  i64: 13,
  f32: 14,
  f64: 15,
  types: 16,
  refType: 17,
  dataMemory: 18,
  data: 19,
  memoryMemory: 20,
  elemTable: 21,
  elem: 22,
  tableTable: 23,
} as const

export const OP = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  tableSet: 0x26,
  i32Load: 0x28,
  f32Load: 0x2a,
  f64Load: 0x2b,
  f32Store: 0x38,
  f64Store: 0x39,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i64LtS: 0x53,
  i64Eqz: 0x50,
  i64GtU: 0x56,
  f32Eq: 0x5b,
  f32Ne: 0x5c,
  f64Eq: 0x61,
  f64Ne: 0x62,
  f32Add: 0x92,
  f64Add: 0xa0,
  i32LtS: 0x48,
  i32LeU: 0x4d,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Shl: 0x74,
  i32Or: 0x72,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64And: 0x83,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
  i64ExtendI32U: 0xad,
  i32ReinterpretF32: 0xbc,
  i64ReinterpretF64: 0xbd,
  f32ReinterpretI32: 0xbe,
  f64ReinterpretI64: 0xbf,
  refNull: 0xd0,
  refIsNull: 0xd1,
  refFunc: 0xd2,
  memoryInit: 0x108,
  dataDrop: 0x109,
  memoryCopy: 0x10a,
  memoryFill: 0x10b,
  tableInit: 0x10c,
  elemDrop: 0x10d,
  tableCopy: 0x10e,
  tableGrow: 0x10f,
  tableSize: 0x110,
  tableFill: 0x111,
} as const

/** One more than the highest number of an instruction. */
export const OP_COUNT = 0x112

export const NAME: string[] = new Array(OP_COUNT).fill('')
export const IMMEDIATE = new Uint8Array(OP_COUNT)
/** Operands that an instruction with a fixed signature takes (bottom first, at most three) and gives (0: none). */
export const OPERANDS: readonly (readonly number[])[] = new Array(OP_COUNT).fill([])
export const OPERAND_COUNT = new Uint8Array(OP_COUNT)
export const LAST_OPERAND = new Uint8Array(OP_COUNT)
export const FIRST_OPERAND = new Uint8Array(OP_COUNT)
export const RESULT = new Uint8Array(OP_COUNT)
/** Of loads and stores: the largest alignment allowed, as a power of two. */
export const NATURAL_ALIGN = new Uint8Array(OP_COUNT)

const VALUE_TYPES: Record<string, number> = { i: I32, I: I64, f: F32, F: F64, r: FUNCREF }

/** Consecutive instructions of one signature, written `operands>result`. */
function define(first: number, prefix: string, names: string, signature = '>', imm: number = IMM.none): void {
  const [operands, result] = signature.split('>') as [string, string]
  const types = [...operands].map((letter) => VALUE_TYPES[letter]!)
  names.split(' ').forEach((name, i) => {
    const op = first + i
    NAME[op] = prefix + name
    IMMEDIATE[op] = imm
    ;(OPERANDS as number[][])[op] = types
    OPERAND_COUNT[op] = types.length
    FIRST_OPERAND[op] = types[0] ?? 0
    LAST_OPERAND[op] = types.at(-1) ?? 0
    RESULT[op] = VALUE_TYPES[result] ?? 0
  })
}

function defineAccess(op: number, name: string, align: number, signature: string): void {
  define(op, '', name, signature, IMM.memarg)
  NATURAL_ALIGN[op] = align
}

define(0x00, '', 'unreachable nop')
define(0x02, '', 'block loop if', '>', IMM.blockType)
define(0x05, '', 'else')
define(0x0b, '', 'end')
define(0x0c, '', 'br br_if', '>', IMM.label)
define(0x0e, '', 'br_table', '>', IMM.labels)
define(0x0f, '', 'return')
define(0x10, '', 'call', '>', IMM.func)
define(0x11, '', 'call_indirect', '>', IMM.typeTable)
define(0x1a, '', 'drop select')
define(0x1c, '', 'select', '>', IMM.types)
define(0x20, 'local.', 'get set tee', '>', IMM.local)
define(0x23, 'global.', 'get set', '>', IMM.global)
define(0x25, 'table.', 'get', 'i>r', IMM.table)
define(0x26, 'table.', 'set', 'ir>', IMM.table)

defineAccess(0x28, 'i32.load', 2, 'i>i')
defineAccess(0x29, 'i64.load', 3, 'i>I')
defineAccess(0x2a, 'f32.load', 2, 'i>f')
defineAccess(0x2b, 'f64.load', 3, 'i>F')
defineAccess(0x2c, 'i32.load8_s', 0, 'i>i')
defineAccess(0x2d, 'i32.load8_u', 0, 'i>i')
defineAccess(0x2e, 'i32.load16_s', 1, 'i>i')
defineAccess(0x2f, 'i32.load16_u', 1, 'i>i')
defineAccess(0x30, 'i64.load8_s', 0, 'i>I')
defineAccess(0x31, 'i64.load8_u', 0, 'i>I')
defineAccess(0x32, 'i64.load16_s', 1, 'i>I')
defineAccess(0x33, 'i64.load16_u', 1, 'i>I')
defineAccess(0x34, 'i64.load32_s', 2, 'i>I')
defineAccess(0x35, 'i64.load32_u', 2, 'i>I')
defineAccess(0x36, 'i32.store', 2, 'ii>')
defineAccess(0x37, 'i64.store', 3, 'iI>')
defineAccess(0x38, 'f32.store', 2, 'if>')
defineAccess(0x39, 'f64.store', 3, 'iF>')
defineAccess(0x3a, 'i32.store8', 0, 'ii>')
defineAccess(0x3b, 'i32.store16', 1, 'ii>')
defineAccess(0x3c, 'i64.store8', 0, 'iI>')
defineAccess(0x3d, 'i64.store16', 1, 'iI>')
defineAccess(0x3e, 'i64.store32', 2, 'iI>')
define(0x3f, 'memory.', 'size', '>i', IMM.memory)
define(0x40, 'memory.', 'grow', 'i>i', IMM.memory)

define(0x41, 'i32.', 'const', '>i', IMM.i32)
define(0x42, 'i64.', 'const', '>I', IMM.i64)
define(0x43, 'f32.', 'const', '>f', IMM.f32)
define(0x44, 'f64.', 'const', '>F', IMM.f64)

const INTEGER_COMPARISONS = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'
const FLOAT_COMPARISONS = 'eq ne lt gt le ge'
const INTEGER_ARITHMETIC = 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr'
const FLOAT_UNARY = 'abs neg ceil floor trunc nearest sqrt'
const FLOAT_BINARY = 'add sub mul div min max copysign'

define(0x45, 'i32.', 'eqz', 'i>i')
define(0x46, 'i32.', INTEGER_COMPARISONS, 'ii>i')
define(0x50, 'i64.', 'eqz', 'I>i')
define(0x51, 'i64.', INTEGER_COMPARISONS, 'II>i')
define(0x5b, 'f32.', FLOAT_COMPARISONS, 'ff>i')
define(0x61, 'f64.', FLOAT_COMPARISONS, 'FF>i')
define(0x67, 'i32.', 'clz ctz popcnt', 'i>i')
define(0x6a, 'i32.', INTEGER_ARITHMETIC, 'ii>i')
define(0x79, 'i64.', 'clz ctz popcnt', 'I>I')
define(0x7c, 'i64.', INTEGER_ARITHMETIC, 'II>I')
define(0x8b, 'f32.', FLOAT_UNARY, 'f>f')
define(0x92, 'f32.', FLOAT_BINARY, 'ff>f')
define(0x99, 'f64.', FLOAT_UNARY, 'F>F')
define(0xa0, 'f64.', FLOAT_BINARY, 'FF>F')

define(0xa7, 'i32.', 'wrap_i64', 'I>i')
define(0xa8, 'i32.', 'trunc_f32_s trunc_f32_u', 'f>i')
define(0xaa, 'i32.', 'trunc_f64_s trunc_f64_u', 'F>i')
define(0xac, 'i64.', 'extend_i32_s extend_i32_u', 'i>I')
define(0xae, 'i64.', 'trunc_f32_s trunc_f32_u', 'f>I')
define(0xb0, 'i64.', 'trunc_f64_s trunc_f64_u', 'F>I')
define(0xb2, 'f32.', 'convert_i32_s convert_i32_u', 'i>f')
define(0xb4, 'f32.', 'convert_i64_s convert_i64_u', 'I>f')
define(0xb6, 'f32.', 'demote_f64', 'F>f')
define(0xb7, 'f64.', 'convert_i32_s convert_i32_u', 'i>F')
define(0xb9, 'f64.', 'convert_i64_s convert_i64_u', 'I>F')
define(0xbb, 'f64.', 'promote_f32', 'f>F')
define(0xbc, 'i32.', 'reinterpret_f32', 'f>i')
define(0xbd, 'i64.', 'reinterpret_f64', 'F>I')
define(0xbe, 'f32.', 'reinterpret_i32', 'i>f')
define(0xbf, 'f64.', 'reinterpret_i64', 'I>F')
define(0xc0, 'i32.', 'extend8_s extend16_s', 'i>i')
define(0xc2, 'i64.', 'extend8_s extend16_s extend32_s', 'I>I')

define(0xd0, 'ref.', 'null', '>r', IMM.refType)
define(0xd1, 'ref.', 'is_null', 'r>i')
define(0xd2, 'ref.', 'func', '>r', IMM.func)

define(0x100, 'i32.', 'trunc_sat_f32_s trunc_sat_f32_u', 'f>i')
define(0x102, 'i32.', 'trunc_sat_f64_s trunc_sat_f64_u', 'F>i')
define(0x104, 'i64.', 'trunc_sat_f32_s trunc_sat_f32_u', 'f>I')
define(0x106, 'i64.', 'trunc_sat_f64_s trunc_sat_f64_u', 'F>I')
define(0x108, 'memory.', 'init', 'iii>', IMM.dataMemory)
define(0x109, 'data.', 'drop', '>', IMM.data)
define(0x10a, 'memory.', 'copy', 'iii>', IMM.memoryMemory)
define(0x10b, 'memory.', 'fill', 'iii>', IMM.memory)
define(0x10c, 'table.', 'init', 'iii>', IMM.elemTable)
define(0x10d, 'elem.', 'drop', '>', IMM.elem)
define(0x10e, 'table.', 'copy', 'iii>', IMM.tableTable)
define(0x10f, 'table.', 'grow', 'ri>i', IMM.table)
define(0x110, 'table.', 'size', '>i', IMM.table)
define(0x111, 'table.', 'fill', 'iri>', IMM.table)

/** The proposal that an unknown opcode belongs to, in words, or null where it belongs to none. */
export function featureOfOpcode(op: number): string | null {
  if (op >= 0x06 && op <= 0x0a) return 'exceptions'
  if (op === 0x18 || op === 0x19 || op === 0x1f) return 'exceptions'
  if (op === 0x12 || op === 0x13 || op === 0x15) return 'tail calls'
  if (op === 0x14 || (op >= 0xd3 && op <= 0xd6) || op === 0xfb) return 'typed references or GC'
  if (op >= 0xe0 && op <= 0xe6) return 'stack switching'
  if (op === 0xfd) return 'SIMD'
  if (op === 0xfe) return 'threads (atomic instructions)'
  return null
}

/** How a value type that the machine leaves out is called, or null where the byte is no value type. */
export function featureOfType(code: number): string | null {
  if (code === 0x7b) return 'SIMD (the type v128)'
  if (code === 0x6f) return 'externref'
  if (code === 0x69 || code === 0x74) return 'exceptions (the type exnref)'
  if (code >= 0x63 && code <= 0x78) return 'typed references or GC'
  return null
}

export function typeName(code: number): string {
  if (code === 0) return 'any type'
  return { [I32]: 'i32', [I64]: 'i64', [F32]: 'f32', [F64]: 'f64', [FUNCREF]: 'funcref' }[code] ?? 'unknown'
}
