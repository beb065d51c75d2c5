;; `stream<char>` is not valid at this time
(component
  (type (future char))
  (type (stream char))
)
