package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/engine"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/wave"
)

// read returns an example's component.
func read(name string) []byte {
	wasm, err := os.ReadFile("../../examples/" + name)
	if err != nil {
		log.Fatal(err)
	}
	return wasm
}

// load compiles and instantiates an example's component, in a runtime that exists as long as the program.
func load(name string, h *engine.Host) *engine.Instance {
	ctx := context.Background()
	rt, err := engine.New(ctx, engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	c, err := rt.Compile(ctx, read(name))
	if err != nil {
		log.Fatal(err)
	}
	in, err := c.Instantiate(ctx, h, engine.Config{})
	if err != nil {
		log.Fatal(err)
	}
	return in
}

// A component is compiled once, and each instance has a memory of its own.
func Example() {
	ctx := context.Background()
	rt, err := engine.New(ctx, engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close(ctx)
	words, err := rt.Compile(ctx, read("three/words.wasm"))
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range words.Exports() {
		fmt.Println(f.Name, f.Type)
	}
	in, err := words.Instantiate(ctx, nil, engine.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	result, err := in.Call(ctx, "demo:three/words@0.1.0#split", "to be or")
	if err != nil {
		log.Fatal(err)
	}
	for _, word := range result.([]map[string]any) {
		fmt.Println(word["at"], word["text"])
	}
	// Output:
	// demo:three/words@0.1.0#split func(text: string) -> list<record { text: string, at: u32 }>
	// demo:three/words@0.1.0#calls func() -> u32
	// 0 to
	// 1 be
	// 2 or
}

// Functions that are bound take and return values of the program's own Go types.
func ExampleInstance_Bind() {
	in := load("three/words.wasm", nil)
	type word struct {
		Text string
		At   uint32
	}
	var split func(ctx context.Context, text string) ([]word, error)
	if err := in.Bind("demo:three/words@0.1.0#split", &split); err != nil {
		log.Fatal(err)
	}
	words, err := split(context.Background(), "to be or")
	fmt.Println(words, err)
	// A function that does not fit is an error at once.
	var wrong func(text []byte) ([]word, error)
	fmt.Println(in.Bind("demo:three/words@0.1.0#split", &wrong))
	// Output:
	// [{to 0} {be 1} {or 2}] <nil>
	// demo:three/words@0.1.0#split: parameter text: the Go type []uint8 does not fit the WIT type string; use string
}

// A resource that a guest implements is a value that is passed to the resource type's functions.
func ExampleResource() {
	ctx := context.Background()
	in := load("kv/provider-utf8.wasm", nil)
	const bucket = "demo:kv/store@0.1.0#[constructor]bucket"
	b, err := in.Call(ctx, bucket, "fruit")
	if err != nil {
		log.Fatal(err)
	}
	rev, err := in.Call(ctx, "demo:kv/store@0.1.0#[method]bucket.put", b, "apple", []byte("red"))
	if err != nil {
		log.Fatal(err)
	}
	found, err := in.Call(ctx, "demo:kv/store@0.1.0#[method]bucket.get", b, "apple")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rev.(engine.Result[any, any]).Ok, found)
	if err := b.(*engine.Resource).Drop(ctx); err != nil {
		log.Fatal(err)
	}
	live, err := in.Call(ctx, "demo:kv/store@0.1.0#live")
	fmt.Println("live", live, err)
	_, err = in.Call(ctx, "demo:kv/store@0.1.0#count", b)
	fmt.Println(err)
	// Output:
	// 1 {hit map[key:apple rev:1 value:[114 101 100]]}
	// live 0 <nil>
	// demo:kv/store@0.1.0#count: resource demo:kv/store@0.1.0#bucket was dropped or passed on
}

// Bucket is a value of the resource type demo:kv/store.bucket, implemented in Go.
type Bucket struct {
	name    string
	entries map[string]Entry
}

// Entry and Lookup have the fields and cases of the record and the variant of these names.
type (
	Entry struct {
		Key   string
		Value []byte
		Rev   uint32
	}
	Lookup struct {
		Miss  *struct{}
		Hit   *Entry
		Stale *uint64
	}
)

// A host implements an interface with a resource type, of which the guest owns and borrows values.
func ExampleHost() {
	const store = "demo:kv/store@0.1.0#"
	live := uint32(0)
	var h engine.Host
	h.Resource(store+"bucket", func(b *Bucket) { live-- })
	h.Func(store+"[constructor]bucket", func(name string) *Bucket {
		live++
		return &Bucket{name, map[string]Entry{}}
	})
	h.Func(store+"[method]bucket.name", func(b *Bucket) string { return b.name })
	h.Func(store+"[method]bucket.put", func(b *Bucket, key string, value []byte) engine.Result[uint32, string] {
		if key == "" {
			return wave.Err[uint32]("empty key")
		}
		rev := b.entries[key].Rev + 1
		b.entries[key] = Entry{key, value, rev}
		return wave.Ok[uint32, string](rev)
	})
	h.Func(store+"[method]bucket.get", func(b *Bucket, key string) Lookup {
		if e, ok := b.entries[key]; ok {
			return Lookup{Hit: &e}
		}
		return Lookup{Miss: &struct{}{}}
	})
	h.Func(store+"[method]bucket.keys", func(b *Bucket) []string { return slices.Sorted(maps.Keys(b.entries)) })
	h.Func(store+"[method]bucket.copy-into", func(b, to *Bucket) uint32 {
		maps.Copy(to.entries, b.entries)
		return uint32(len(to.entries))
	})
	h.Func(store+"[static]bucket.merge", func(a, b *Bucket) *Bucket {
		live-- // two values come back, and one is new
		maps.Copy(a.entries, b.entries)
		return &Bucket{a.name + "+" + b.name, a.entries}
	})
	h.Func(store+"count", func(b *Bucket) uint32 { return uint32(len(b.entries)) })
	h.Func(store+"consume", func(b *Bucket) uint32 { live--; return uint32(len(b.entries)) })
	h.Func(store+"live", func() uint32 { return live })
	h.Func(store+"greet", func(name string) string { return "hello from Go, " + name })
	h.Func(store+"reverse", func(data []byte) []byte { slices.Reverse(data); return data })
	type point struct {
		X, Y  int32
		Label string
	}
	h.Func(store+"shift", func(p point, by int32) point { return point{p.X + by, p.Y + by, p.Label} })
	h.Func(store+"paint", func(c string, perms []string) struct {
		Color string
		Perms []string
	} {
		return struct {
			Color string
			Perms []string
		}{c, perms}
	})
	h.Func(store+"sum", func(xs []uint32) (sum uint64) {
		for _, x := range xs {
			sum += uint64(x)
		}
		return sum
	})
	in := load("kv/consumer-utf8.wasm", &h)
	result, err := in.Call(context.Background(), "run", "gopher")
	fmt.Println(result, err)
	fmt.Println("live", live)
	// Output:
	// hello from Go, gopher; ff7f00; pt 13 23; 2 5; 4294967301; ok(1) ok(2) err(empty key) ok(1) ; hit(k=7632@2) miss miss hit(é=c3bc@1) ; 2 2 k,é,; live 2; a+b live 1; consumed 2 live 0; live 0; leaked 0 <nil>
	// live 0
}

// A graph of components is linked, fused and compiled in one step.
func ExampleRuntime_CompileGraph() {
	ctx := context.Background()
	rt, err := engine.New(ctx, engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close(ctx)
	input := func(name string) fusecore.Input { return fusecore.Input{Name: name, Bytes: read("three/" + name)} }
	c, err := rt.CompileGraph(ctx, fusecore.Graph{Root: input("root.wasm"), Deps: []fusecore.Input{input("words.wasm"), input("stats.wasm")}})
	if err != nil {
		log.Fatal(err)
	}
	in, err := c.Instantiate(ctx, nil, engine.Config{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(in.Call(ctx, "report", "to be or not to be"))
	// Output:
	// 0:to 1:be 2:or 3:not 4:to 5:be words 6 longest not@3 calls 2 leaked 0 <nil>
}

// A call ends when its context does. The instance cannot be used afterwards.
func ExampleInstance_Call_context() {
	var h engine.Host
	h.Func("demo:three/words@0.1.0#split", func(ctx context.Context, text string) ([]map[string]any, error) {
		<-ctx.Done() // a host function sees the context as well
		return nil, context.Cause(ctx)
	})
	h.Func("demo:three/words@0.1.0#calls", func() uint32 { return 0 })
	in := load("three/stats.wasm", &h)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err := in.Call(ctx, "demo:three/stats@0.1.0#summarize", "to be")
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}
