package fusecore_test

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestInstancesByName links one file twice, under two names: two instances, each with its own state.
func TestInstancesByName(t *testing.T) {
	read := func(name, file string) fusecore.Input {
		return fusecore.Input{Name: name, Bytes: readFile(t, cases.files+"/"+file)}
	}
	in := fusecore.Graph{Root: read("two", "link-two-instances.wasm"),
		Deps: []fusecore.Input{read("a", "link-counter.wasm"), read("b", "link-counter.wasm")}}
	for _, c := range []struct {
		second string
		want   []string
	}{{"b", []string{"101", "202"}}, {"a", []string{"102", "304"}}} {
		in.Plugs = []fusecore.Plug{
			{Importer: "two", Import: "first", Provider: "a", Export: "x:y/c@1.0.0"},
			{Importer: "two", Import: "second", Provider: c.second, Export: "x:y/c@1.0.0"},
		}
		if c.second == "a" {
			in.Deps = in.Deps[:1]
		}
		for _, make := range []form{compose, fuse} {
			out, err := make(in)
			if err != nil {
				t.Fatal(err)
			}
			e := wasmtime.New(wasmtime.Options{})
			inst, err := e.Load(out.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if got, err := inst.Call("run"); err != nil || got != want {
					t.Errorf("second from %s: run gives %s (%v), want %s", c.second, got, err, want)
				}
			}
			inst.Close()
			e.Close()
		}
	}
}
