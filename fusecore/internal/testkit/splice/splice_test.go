package splice_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/splice"
)

func TestSplice(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/cases/*.wasm")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	var pool []*splice.Binary
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		p := splice.Parse(b)
		if p == nil {
			t.Fatalf("%s cannot be parsed", f)
		}
		if again := splice.Parse(p.Bytes()); !bytes.Equal(again.Bytes(), p.Bytes()) {
			t.Errorf("%s changes when it is written and read again", f)
		}
		pool = append(pool, p)
	}
	changed := 0
	for seed := range uint64(100) {
		of := pool[seed%uint64(len(pool))]
		before := of.Bytes()
		one := of.Mutate(rand.New(rand.NewPCG(seed, 0)), pool).Bytes()
		if two := of.Mutate(rand.New(rand.NewPCG(seed, 0)), pool).Bytes(); !bytes.Equal(one, two) {
			t.Errorf("seed %d: two mutations differ", seed)
		}
		if !bytes.Equal(before, of.Bytes()) {
			t.Fatalf("seed %d: the original changed", seed)
		}
		if !bytes.Equal(before, one) {
			changed++
		}
	}
	if changed < 50 {
		t.Errorf("%d of 100 mutations change anything", changed)
	}
}
