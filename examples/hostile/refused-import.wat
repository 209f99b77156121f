;; Imports a function that the machine does not have.
(module
  (import "env" "open_the_pod_bay_doors" (func $open))
  (func (export "_start") (call $open)))
