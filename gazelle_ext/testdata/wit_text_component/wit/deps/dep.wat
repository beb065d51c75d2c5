(component
  (type (;0;)
    (component
      (type (;0;)
        (instance
          (type (;0;) (record (field "a" u32)))
          (export (;1;) "r" (type (eq 0)))
          (type (;2;) (func (param "r" 1) (result 1)))
          (export (;0;) "f" (func (type 2)))
        )
      )
      (export (;0;) "demo:dep/util@0.1.0" (instance (type 0)))
    )
  )
  (export (;1;) "util" (type 0))
  (@custom "package-docs" "\01{}")
  (@producers
    (processed-by "wit-component" "0.239.0")
  )
)
