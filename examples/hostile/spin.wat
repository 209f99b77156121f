;; Loops for ever without a call.
(module
  (func (export "_start")
    (loop $again (br $again))))
