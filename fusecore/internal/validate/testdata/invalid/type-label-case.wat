;; enum tag name `camelCase` is not in kebab case
(component
  (type (enum "camelCase"))
)
