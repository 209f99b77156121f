// A program of what compilers seldom write: tables, and bulk instructions on the program's own memory.

const ELEMENTS = 4_096
const ROUNDS = 16

export const TABLES = `(module
  (table $a ${ELEMENTS} 65536 funcref)
  (table $b ${ELEMENTS} 65536 funcref)
  (memory 16)
  (type $number (func (result i32)))
  (func $one (type $number) (i32.const 1))
  (func $two (type $number) (i32.const 2))
  (elem $few func $one $two $two $one $one $two $one $two)
  (elem $none func $one)
  (data $text "what is rare in programs must be cheap to prove all the same: tables and bulk")
  (data $nothing "-")
  (func (export "_start") (local $i i32)
    (memory.fill (i32.const 0) (i32.const 0xa5) (i32.const 1048576))
    (table.fill $a (i32.const 0) (ref.func $two) (i32.const ${ELEMENTS}))
    (table.fill $b (i32.const 0) (ref.func $one) (i32.const ${ELEMENTS}))
    (loop $again
      (table.init $a $few (i32.mul (local.get $i) (i32.const 251)) (i32.const 0) (i32.const 8))
      (table.copy $b $a (i32.mul (local.get $i) (i32.const 13)) (i32.mul (local.get $i) (i32.const 241)) (i32.const 9))
      (table.set $b (i32.mul (local.get $i) (i32.const 99)) (table.get $a (i32.mul (local.get $i) (i32.const 77))))
      (drop (table.grow $b (ref.func $two) (table.size $a)))
      (memory.init $text (i32.mul (local.get $i) (i32.const 60001)) (i32.const 3) (i32.const 70))
      (memory.copy
        (i32.mul (local.get $i) (i32.const 50021)) (i32.mul (local.get $i) (i32.const 40009)) (i32.const 1000))
      (drop (call_indirect $a (type $number) (i32.mul (local.get $i) (i32.const 201))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${ROUNDS}))))
    (data.drop $nothing)
    (elem.drop $none)))`
