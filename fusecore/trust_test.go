package fusecore_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
)

// TestSkipBodyValidation damages function bodies of examples. Trusted ones lead to some output or an error about the
// input; others mostly lead to an error. Without damage, trust makes no difference.
func TestSkipBodyValidation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	refused, rounds := 0, 0
	trusting := fuseWith(fusecore.FuseOptions{SkipBodyValidation: true})
	for _, g := range examples.subjects(t) {
		in := g.in
		plain, err := fuse(in)
		if err != nil {
			t.Fatal(err)
		}
		trusted, err := trusting(in)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(plain.Bytes(), trusted.Bytes()) {
			t.Errorf("%s: another output where the code is trusted", g.name)
		}
		good := in.Root.Bytes
		for range 20 {
			in.Root.Bytes = damage(t, rng, good)
			_, err := trusting(in)
			if err != nil && !errors.As(err, new(*fusecore.Error)) {
				t.Fatalf("%s: %v", g.name, err)
			}
			if _, err = fuse(in); err != nil {
				refused++
			}
			rounds++
		}
	}
	if refused < rounds/2 {
		t.Errorf("of %d components with damaged code only %d were refused", rounds, refused)
	}
}

// damage returns a copy of a component with a few bytes of each core module's bodies changed.
func damage(t *testing.T, rng *rand.Rand, wasm []byte) []byte {
	t.Helper()
	c, err := decode.Component(wasm)
	if err != nil {
		t.Fatal(err)
	}
	wasm = bytes.Clone(wasm)
	for _, d := range c.Defs {
		m, ok := d.(*component.CoreModule)
		if !ok || len(m.Module.Code) == 0 {
			continue
		}
		for range 3 {
			b := &m.Module.Code[rng.IntN(len(m.Module.Code))]
			wasm[int(b.Offset)+rng.IntN(len(b.Code))] = byte(rng.Uint32())
		}
	}
	return wasm
}
