package decode_test

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
)

// FuzzComponent decodes arbitrary bytes, and checks that encoding the result and decoding it again yields the same.
func FuzzComponent(f *testing.F) {
	f.Add([]byte(preamble))
	f.Add([]byte(coreModule))
	for _, p := range productions {
		f.Add(file(section(p.id, p.content)))
	}
	for _, e := range malformed {
		f.Add(file(section(e.id, e.content)))
	}
	f.Add(file(section(1, coreModule), section(4, preamble+section(1, coreModule)), section(0, "\x0ecomponent-name\x00\x02\x01a")))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decode.Component(data)
		if err != nil {
			return
		}
		checkRoundTrip(t, c)
	})
}
