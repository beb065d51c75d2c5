package wasmtools_test

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
)

func TestTool(t *testing.T) {
	w := wasmtools.Need(t)
	wasm, err := w.Parse(`(module (memory 1) (memory 2) (func (export "f") (result i32) (i32.load 1 (i32.const 0))))`)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Validate(wasm); err != nil {
		t.Error(err)
	}
	text, err := w.Print(wasm)
	if err != nil || !strings.Contains(text, `(export "f" (func 0))`) {
		t.Errorf("%s, %v", text, err)
	}
	bad, err := w.Parse(`(module (func (result i32)))`)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Validate(bad); err == nil || !strings.Contains(err.Error(), "type mismatch") {
		t.Errorf("an ill-typed body was accepted: %v", err)
	}
}
