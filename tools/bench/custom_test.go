package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
	"github.com/wasmfuse/rules_wasm_fuse/tools/bench/internal/big"
)

const head = "\x00asm\x01\x00\x00\x00"

// encoded returns a section with a content.
func encoded(id byte, content string) string {
	return string(append([]byte{id, byte(len(content))}, content...))
}

func TestRewrite(t *testing.T) {
	const outer = "\x00asm\x0d\x00\x01\x00"
	names, other, types := encoded(0, "\x04nameX"), encoded(0, "\x05otherY"), encoded(1, "\x00")
	module := head + names + other + types
	nested := func(m string) string { return outer + encoded(4, outer+encoded(1, m)) }
	in := []byte(nested(module) + other)
	for _, tc := range []struct {
		name string
		keep func(string) bool
		want string
	}{
		{"names stay", isName, nested(head + names + types)},
		{"nothing stays", never, nested(head + types)},
		{"everything stays", func(string) bool { return true }, string(in)},
	} {
		got, err := rewrite(in, tc.keep, nil)
		if err != nil || string(got) != tc.want {
			t.Errorf("%s: %q, %v, want %q", tc.name, got, err, tc.want)
		}
	}
	got, err := rewrite(in, never, func(m []byte) ([]byte, error) { return append(m, encoded(3, "\x00")...), nil })
	if want := nested(head + types + encoded(3, "\x00")); err != nil || string(got) != want {
		t.Errorf("modules replaced: %q, %v, want %q", got, err, want)
	}
	for _, bad := range []string{"", "\x00asm\x01\x00\x00", head + "\x00\x80", head + "\x01\x05ab", head + "\x00\x02\x09a", nested(head + "\x01\x7f")} {
		if got, err := rewrite([]byte(bad), never, nil); err == nil {
			t.Errorf("%q: %q, expected an error", bad, got)
		}
	}
}

// TestBig checks that generated modules are valid, of about the size, and deterministic.
func TestBig(t *testing.T) {
	e := wasmtime.New(wasmtime.Options{Unoptimised: true})
	defer e.Close()
	for _, imports := range []bool{false, true} {
		const size = 300_000
		rng := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
		wasm := big.Module(size, imports, rng())
		if len(wasm) < size*8/10 || len(wasm) > size*11/10 {
			t.Errorf("%d bytes, want about %d", len(wasm), size)
		}
		if !bytes.Equal(wasm, big.Module(size, imports, rng())) {
			t.Error("another module is generated the second time")
		}
		m, err := e.CompileCore(wasm)
		if err != nil {
			t.Fatal(err)
		}
		m.Close()
	}
}

func TestVerdicts(t *testing.T) {
	x := &bar{limit: 0.3}
	for _, tc := range []struct {
		ratios []float64
		want   verdict
	}{
		{[]float64{0.3}, ok},
		{[]float64{0.304}, ok}, // as it is written
		{[]float64{0.306}, missed},
		{[]float64{0.4, 0.2, 0.1}, ok},
		{[]float64{0.2, 0.25, 0.31, 0.4, 0.5}, noise},
		{[]float64{0.2, 0.31, 0.31, 0.4, 0.5}, missed},
	} {
		j := judged{By: newStats(tc.ratios)}
		if got := j.verdict(x); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.ratios, verdicts[got], verdicts[tc.want])
		}
	}
}

// TestExamples checks that the scripts' graphs are read with all their files.
func TestExamples(t *testing.T) {
	b := &bench{root: "../.."}
	if _, err := os.Stat("../../examples/kv/consumer-utf8.wasm"); err != nil {
		t.Fatal(err)
	}
	all, err := b.examples()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, g := range all {
		names = append(names, g.name)
		for _, f := range g.files {
			if _, err := os.Stat(f); err != nil {
				t.Error(err)
			}
		}
		if g.name == "web" && !slices.Equal(g.args, []string{
			"--plug=server:demo:web/handler@0.3.0=gate:demo:web/handler@0.3.0", "--plug=gate:demo:web/handler@0.3.0=app:demo:web/handler@0.3.0",
		}) {
			t.Errorf("web has the options %q", g.args)
		}
	}
	if len(names) != 23 || len(slices.Compact(names)) != 23 {
		t.Errorf("%d graphs: %v", len(names), names)
	}
}
