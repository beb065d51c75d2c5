;; import name `GET-url` conflicts with previous name `get-URL`
(component
  (import "get-URL" (func))
  (import "GET-url" (func))
)
