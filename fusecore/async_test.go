package fusecore_test

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// withOp returns the case async-one with another built-in of the same core type.
func withOp(t *testing.T, op component.CanonOp) []byte {
	t.Helper()
	c, err := decode.Component(cases.subject(t, "async-one").in.Root.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	replaced := 0
	for _, d := range c.Defs {
		if canon, ok := d.(*component.Canon); ok && canon.Op == component.CanonSubtaskCancel {
			canon.Op = op
			replaced++
		}
	}
	if replaced != 1 {
		t.Fatalf("%d built-ins replaced, want 1", replaced)
	}
	c.Bytes = nil
	return encode.Component(c)
}

// TestThreadArguments calls the built-ins that name another thread. The only thread is the caller, with index 1. It can
// be promoted, which does nothing, but not resumed, and if it were suspended nothing would ever resume it.
func TestThreadArguments(t *testing.T) {
	for _, test := range []struct {
		op   component.CanonOp
		arg  string
		want string
	}{
		{component.CanonThreadYieldPromote, "1", "0"},
		{component.CanonThreadYieldPromote, "0", trap.NoOtherThread.Function()},
		{component.CanonThreadYieldPromote, "2", trap.NoOtherThread.Function()},
		{component.CanonThreadYieldPromote, "4294967295", trap.NoOtherThread.Function()},
		{component.CanonThreadSuspendPromote, "1", trap.NoOtherThread.Function()},
		{component.CanonThreadSuspendPromote, "2", trap.NoOtherThread.Function()},
		{component.CanonThreadYieldResume, "1", trap.NoOtherThread.Function()},
		{component.CanonThreadSuspendResume, "1", trap.NoOtherThread.Function()},
	} {
		t.Run(test.op.String()+" "+test.arg, func(t *testing.T) {
			in := start(t, wasmtime.Options{}, wasmOf(t, fuse, single("one", withOp(t, test.op))))
			got, err := in.Call("f", test.arg)
			if rule, ok := script.Rule(err); ok {
				got = trap.Prefix + rule
			} else if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("f(%s) = %s, want %s", test.arg, got, test.want)
			}
		})
	}
}
