"""Public rules: WIT packages, components, their fusion, core modules from and for other languages, and what follows a build."""

load("//rules/private:from_provider.bzl", _wasm_component_adapter = "wasm_component_adapter", _wasm_component_from_provider = "wasm_component_from_provider")
load("//rules/private:script_component.bzl", _wasm_js_component = "wasm_js_component", _wasm_py_component = "wasm_py_component")
load("//rules/private:wasm_component.bzl", _wasm_component = "wasm_component")
load("//rules/private:wasm_component_compose.bzl", _wasm_component_compose = "wasm_component_compose")
load("//rules/private:wasm_component_fuse.bzl", _wasm_component_fuse = "wasm_component_fuse")
load("//rules/private:wasm_component_import.bzl", _wasm_component_import = "wasm_component_import")
load("//rules/private:wasm_core_module.bzl", _wasm_core_module = "wasm_core_module")
load("//rules/private:wasm_module.bzl", _wasm_module_cc_library = "wasm_module_cc_library", _wasm_module_file = "wasm_module_file", _wasm_module_js_library = "wasm_module_js_library")
load("//rules/private:wasm_oci_layout.bzl", _wasm_oci_layout = "wasm_oci_layout")
load("//rules/private:wasm_precompile.bzl", _wasm_precompile = "wasm_precompile")
load("//rules/private:wasm_preinit.bzl", _wasm_preinit = "wasm_preinit")
load("//rules/private:wasm_run.bzl", _wasm_component_run = "wasm_component_run", _wasm_fuse_test = "wasm_fuse_test_macro")
load("//rules/private:wasm_rust.bzl", _wasm_rust_library = "wasm_rust_library", _wasm_rust_module = "wasm_rust_module")
load("//rules/private:wasm_tinygo_module.bzl", _wasm_tinygo_module = "wasm_tinygo_module")
load("//rules/private:wit_c_bindings.bzl", _wit_c_bindings = "wit_c_bindings")
load("//rules/private:wit_library.bzl", _wit_library = "wit_library")
load("//rules/private:wit_rust_bindings.bzl", _wit_rust_bindings = "wit_rust_bindings")

wasm_component = _wasm_component
wasm_component_adapter = _wasm_component_adapter
wasm_component_compose = _wasm_component_compose
wasm_component_from_provider = _wasm_component_from_provider
wasm_component_fuse = _wasm_component_fuse
wasm_component_import = _wasm_component_import
wasm_component_run = _wasm_component_run
wasm_core_module = _wasm_core_module
wasm_fuse_test = _wasm_fuse_test
wasm_js_component = _wasm_js_component
wasm_module_cc_library = _wasm_module_cc_library
wasm_module_file = _wasm_module_file
wasm_module_js_library = _wasm_module_js_library
wasm_oci_layout = _wasm_oci_layout
wasm_precompile = _wasm_precompile
wasm_preinit = _wasm_preinit
wasm_py_component = _wasm_py_component
wasm_rust_library = _wasm_rust_library
wasm_rust_module = _wasm_rust_module
wasm_tinygo_module = _wasm_tinygo_module
wit_c_bindings = _wit_c_bindings
wit_library = _wit_library
wit_rust_bindings = _wit_rust_bindings
