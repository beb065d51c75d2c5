package fusecore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// mutations returns the numbers of truncations and bit flips for each input: the environment variable MUTATIONS, "200
// 500", or few.
func mutations(t *testing.T) (cuts, flips int) {
	v := os.Getenv("MUTATIONS")
	if v == "" {
		return 5, 20
	}
	a, b, _ := strings.Cut(v, " ")
	cuts, err := strconv.Atoi(a)
	if err == nil {
		flips, err = strconv.Atoi(b)
	}
	if err != nil {
		t.Fatalf("MUTATIONS: %v", err)
	}
	return cuts, flips
}

// TestMutations fuses damaged inputs. Each must be rejected with an error that is not internal, or lead to a valid
// component, which wasmtime compiles if it compiles the composition.
func TestMutations(t *testing.T) {
	cuts, flips := mutations(t)
	try := func(t *testing.T, name string, in fusecore.Graph) {
		r := rand.New(rand.NewPCG(uint64(len(name)), uint64(name[0])))
		all := append([]fusecore.Input{in.Root}, in.Deps...)
		for k := range all {
			good := all[k].Bytes
			set := func(b []byte) fusecore.Graph {
				m := fusecore.Graph{Root: in.Root, Deps: append([]fusecore.Input(nil), in.Deps...)}
				if k == 0 {
					m.Root.Bytes = b
				} else {
					m.Deps[k-1].Bytes = b
				}
				return m
			}
			for range cuts {
				n := r.IntN(len(good))
				damaged(t, fmt.Sprintf("%s input %d cut to %d bytes", name, k, n), set(good[:n]))
			}
			for range flips {
				bit := r.IntN(8 * len(good))
				b := append([]byte(nil), good...)
				b[bit/8] ^= 1 << (bit % 8)
				damaged(t, fmt.Sprintf("%s input %d bit %d of byte %d", name, k, bit%8, bit/8), set(b))
			}
		}
	}
	subjects := cases.subjects(t)
	if !testing.Short() {
		subjects = append(subjects, examples.subjects(t)...)
	}
	for _, s := range subjects {
		t.Run(s.name, func(t *testing.T) { try(t, s.name, s.in) })
	}
}

// attempt fuses or composes inputs that may be invalid, and returns nil if they are rejected. It returns an error about
// fusecore if that took longer than the limit, failed with an empty or internal error, or led to an invalid component.
func attempt(do form, in fusecore.Graph, limit time.Duration) ([]byte, error) {
	begin := time.Now()
	out, err := do(in)
	if d := time.Since(begin); d > limit {
		return nil, fmt.Errorf("it took %v", d)
	}
	if err != nil {
		if !errors.As(err, new(*fusecore.Error)) || strings.TrimSpace(err.Error()) == "" {
			return nil, err
		}
		return nil, nil
	}
	if err := valid(out.Bytes()); err != nil {
		if len(in.Deps) == 0 && bytes.Equal(out.Bytes(), in.Root.Bytes) && strings.Contains(err.Error(), "component-level values are not supported") {
			return nil, nil // a single input with such values is left as it is
		}
		return nil, fmt.Errorf("the output is invalid: %w", err)
	}
	return out.Bytes(), nil
}

// valid decodes and validates a component, including its code.
func valid(wasm []byte) error {
	c, err := decode.Options{Unsupported: true}.Component(context.Background(), wasm)
	if err != nil {
		return err
	}
	v := validate.Options{Unsupported: true, CoreModule: func(m *corewasm.Module) error { return corevalidate.Module(context.Background(), m, corevalidate.All) }}
	return v.Component(c)
}

func damaged(t *testing.T, what string, in fusecore.Graph) {
	t.Helper()
	out, err := attempt(fuseOrKeep(fusecore.FuseOptions{}), in, 10*time.Second)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		keep(t, what, in)
	}
	if out == nil {
		return
	}
	if err := compiles(out); err != nil {
		composed, cerr := compose(in)
		if cerr == nil {
			cerr = compiles(composed.Bytes())
		}
		if cerr == nil {
			t.Errorf("%s: wasmtime compiles the composition, but not the fused component: %v", what, err)
			keep(t, what, in)
		} else if os.Getenv("MUTATIONS") != "" {
			t.Logf("%s: accepted, wasmtime says of the composition: %v", what, cerr)
		}
	}
}

// keep writes the inputs of a failure to the folder MUTATIONS_KEEP.
func keep(t *testing.T, what string, in fusecore.Graph) {
	dir := os.Getenv("MUTATIONS_KEEP")
	if dir == "" {
		return
	}
	for i, f := range append([]fusecore.Input{in.Root}, in.Deps...) {
		name := strings.ReplaceAll(fmt.Sprintf("%s.%d.wasm", what, i), " ", "-")
		if err := os.WriteFile(filepath.Join(dir, name), f.Bytes, 0o644); err != nil {
			t.Error(err)
		}
	}
}

// compiles returns wasmtime's error for a component.
func compiles(wasm []byte) error {
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	return e.Compile(wasm)
}
