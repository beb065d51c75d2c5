"""Public rules for Go: bindings, and core modules. A file of its own, because it loads rules_go."""

load("//rules/private:wit_go_bindings.bzl", _wasm_go_module = "wasm_go_module", _wit_go_bindings = "wit_go_bindings")

wasm_go_module = _wasm_go_module
wit_go_bindings = _wit_go_bindings
