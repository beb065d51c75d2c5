// Package core has what packages that run core modules in wazero have in common: which modules run, and what its errors say.
package core

import (
	"strings"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Features are what guest code may use: WebAssembly 2.0, and the parts of 3.0 that wazero has without changes to memories.
const Features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst |
	experimental.CoreFeaturesExceptionHandling | experimental.CoreFeaturesTypedFunctionReferences

// CompileError returns the error of a module that wazero has refused to compile.
func CompileError(err error) error {
	if err != nil && strings.Contains(err.Error(), "at most one memory") {
		return diag.New("core module", "it has several memories, of which wazero has only one").
			WithHint("fuse the components with a single memory: `wasmfuse fuse --memory=single`, or the attribute memory = \"single\"")
	}
	return diag.In(err, "", "", "core module")
}

// Trap returns the message of an error of code that ran, and the names of the functions that were running, innermost first, as
// far as the module, of which wazero knows the name, names them.
func Trap(err error, module string) (msg string, frames []string) {
	msg, trace, _ := strings.Cut(err.Error(), "\nwasm stack trace:")
	for line := range strings.Lines(trace) {
		if frame, ok := strings.CutPrefix(line, "\t"+module+"."); ok {
			frames = append(frames, withoutSignature(strings.TrimSuffix(frame, "\n")))
		}
	}
	return strings.TrimSuffix(strings.TrimPrefix(msg, "wasm error: "), " (recovered by wazero)"), frames
}

// withoutSignature removes the signature that ends a frame: (i32,i32) i32.
func withoutSignature(frame string) string {
	if i := strings.LastIndex(frame, "("); i > 0 {
		if strings.Contains(frame[i:], ")") && strings.HasSuffix(frame[:i], " ") { // of several results
			i = strings.LastIndex(frame[:i], "(")
		}
		if i > 0 {
			return frame[:i]
		}
	}
	return frame
}
