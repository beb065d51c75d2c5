package fusecore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/echogen"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// pooledWorlds is the number of seeds that TestPooledWorlds tries; FUSE_WORLDS changes it, as N or FROM:N.
const pooledWorlds = 100

// unpooled lists the graphs whose fused form does not fit in pools of the default sizes, with the engine's reason.
var unpooled = map[string]string{
	"inst-gc-identity": "defined tables count of 2", // which cannot be null; the composition does not fit either
}

// tooLargeForPools reports whether an engine refuses a component because of the sizes of its pools. WASMTIME_POOLING=on gives
// them to all engines.
func tooLargeForPools(err error) bool {
	return strings.Contains(err.Error(), "does not fit in pooling allocator requirements")
}

// TestPooling instantiates fused components in an engine that takes memories and tables from pools of the default sizes,
// as servers do. It must do what one does that allocates on demand.
func TestPooling(t *testing.T) {
	for _, c := range []collection{examples, asyncExamples, resources, cases, async} {
		for _, sub := range c.subjects(t) {
			if sub.s.Part {
				continue
			}
			t.Run(c.name+"/"+sub.name, func(t *testing.T) {
				wasm := sub.fuse(t)
				load := func(pooling bool) string {
					o := sub.s.Options()
					o.Pooling = pooling
					e := wasmtime.New(o)
					defer e.Close()
					in, err := e.Load(wasm)
					if err != nil {
						return err.Error()
					}
					in.Close()
					return ""
				}
				want, got := load(false), load(true)
				if reason := unpooled[sub.name]; reason != "" {
					if !strings.Contains(got, reason) {
						t.Errorf("%q, want %q", got, reason)
					}
				} else if got != want {
					t.Errorf("%s\n\non demand: %s", got, want)
				}
			})
		}
	}
}

// TestPooledWorlds runs fused pairs with random worlds in such an engine.
func TestPooledWorlds(t *testing.T) {
	t.Setenv("WASMTIME_POOLING", "on")
	from, to := seeds(t, "FUSE_WORLDS", pooledWorlds)
	for seed := from; seed < to; seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			c := echogen.Generate(seed, seed%2 == 1)
			in := fusecore.Graph{Root: fusecore.Input{Name: "root.wasm", Bytes: c.Root}, Deps: []fusecore.Input{{Name: "dep.wasm", Bytes: c.Dep}}}
			checkWorld(t, "fused", c, wasmOf(t, fuse, in))
		})
	}
}
