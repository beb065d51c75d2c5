;; record field name `URL` conflicts with previous field name `url`
(component
  (type (record (field "url" u8) (field "URL" u8)))
)
