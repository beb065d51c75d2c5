package decode_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
)

// forget clears in place what encoding may change: offsets, and the bytes of components. Core modules are compared by
// their bytes, which encoding keeps.
func forget(c *component.Component) { forgetValue(reflect.ValueOf(c)) }

func forgetValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if m, ok := v.Interface().(*component.CoreModule); ok {
			m.Module = nil
		}
		if c, ok := v.Interface().(*component.Component); ok {
			c.Bytes = nil
		}
		forgetValue(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			forgetValue(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name == "Offset" {
				v.Field(i).SetInt(0)
			} else {
				forgetValue(v.Field(i))
			}
		}
	}
}

// checkRoundTrip decodes the encoded component and expects the same component.
func checkRoundTrip(t *testing.T, c *component.Component) []byte {
	t.Helper()
	forget(c)
	out := encode.Component(c)
	again, err := decode.Component(out)
	if err != nil {
		t.Fatalf("decoding the encoded component: %v\n% x", err, out)
	}
	forget(again)
	if !reflect.DeepEqual(c, again) {
		t.Fatalf("the component changed on the way\n% x\n%+v\n%+v", out, c, again)
	}
	if twice := encode.Component(again); !bytes.Equal(out, twice) {
		t.Fatalf("encoding twice produces different bytes\n% x\n% x", out, twice)
	}
	return out
}
