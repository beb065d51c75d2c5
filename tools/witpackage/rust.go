package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/witbindgen"
)

// rustModule appends, to a module with asynchronous functions, futures or streams, an error for crates of wasm_rust_module, whose
// runtime has nothing for these. Without it, the compiler would only name items that it does not find.
func rustModule(f witbindgen.File, target, world string) witbindgen.File {
	if !bytes.Contains(f.Content, []byte("::rt::async_support::")) {
		return f
	}
	text := fmt.Sprintf("%s: world = %q has asynchronous functions, futures or streams, for which wasm_rust_module has no runtime; "+
		"build the crate with rust_shared_library of rules_rust, and the crate wit-bindgen with its feature async", target, world)
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
	f.Content = fmt.Appendf(f.Content, "\n#[allow(unexpected_cfgs)]\nmod _runtime {\n#[cfg(wasm_rust_module)]\ncompile_error!(\"%s\");\n}\n", quoted)
	return f
}

// rustError makes an error of the generator about the option "with" one about the attribute that it comes from.
func rustError(text string) string {
	return strings.Replace(text, "unused remappings provided via `with`:", "remap has what the world does not import:", 1)
}
