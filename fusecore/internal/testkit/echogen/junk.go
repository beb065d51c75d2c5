// This file implements pairs of components that violate the Canonical ABI.

package echogen

import (
	"fmt"
	"math/rand/v2"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/build"
)

// Callee is the interface between the components of a Junk pair.
const Callee = "junk:gen/callee@1.0.0"

// Junk is a pair of components that violate the Canonical ABI as often as they follow it. The root calls functions of
// random types with arbitrary core arguments, and a memory of arbitrary bytes. The dependency returns arbitrary
// results, and the reallocs of both sometimes return an arbitrary address.
type Junk struct {
	Root, Dep []byte
	// Calls are exports of the root without parameters. Their u64 is a digest of the result, of the root's memory and
	// of the calls of its realloc.
	Calls []string
}

// Digest is the root's export that returns a digest of the dependency's arguments, of its memory and of the calls of
// its realloc.
const Digest = "digest"

// junkGen generates junk.
type junkGen struct {
	*gen
	fns   []fn
	small int // small numbers are below it
}

// GenerateJunk returns the pair of a seed.
func GenerateJunk(seed uint64) Junk {
	g := &junkGen{gen: &gen{Rand: rand.New(rand.NewPCG(seed, 1))}}
	g.small = 1 + g.IntN(4)
	for i := range 1 + g.IntN(2) {
		f := fn{name: fmt.Sprintf("f%d", i)}
		for range 1 + g.IntN(4) {
			f.params = append(f.params, g.typ(3))
		}
		if g.IntN(4) > 0 {
			f.result = g.typ(3)
		}
		g.fns = append(g.fns, f)
	}
	j := Junk{Dep: g.callee(), Root: g.caller()}
	for i := range junkCalls {
		j.Calls = append(j.Calls, goName(i))
	}
	return j
}

// junkCalls is the number of calls that a pair makes.
const junkCalls = 24

func goName(i int) string { return fmt.Sprintf("go%d", i) }

// libc instantiates a core module with a memory full of junk, and returns the instance and the options that refer to
// it.
func (g *junkGen) libc(b *build.Builder) (uint32, []component.CanonOpt) {
	encoding := []component.OptKind{component.OptUTF8, component.OptUTF16, component.OptLatin1UTF16}[g.IntN(3)]
	libc := b.CoreInstantiate(b.CoreModule(g.junkLibc(encoding == component.OptLatin1UTF16)))
	return libc, []component.CanonOpt{
		{Kind: encoding},
		{Kind: component.OptMemory, Index: b.AliasCoreExport(libc, "memory", component.CoreMemory)},
		{Kind: component.OptRealloc, Index: b.AliasCoreExport(libc, "realloc", component.CoreFunc)},
	}
}

// callee makes the dependency.
func (g *junkGen) callee() []byte {
	b := build.New()
	libc, opts := g.libc(b)
	main := b.CoreInstantiate(b.CoreModule(g.calleeModule()), component.CoreArg{Name: "libc", Instance: libc})
	types := &scope{def: b.Type, named: map[*typ]uint32{}}
	var exports []component.InlineExport
	for _, t := range g.named {
		i := types.define(t)
		types.named[t] = b.Export(t.name, component.SortIdx{Sort: component.SortType, Index: i}, nil)
		exports = append(exports, component.InlineExport{Name: externName(t.name), Item: component.SortIdx{Sort: component.SortType, Index: types.named[t]}})
	}
	lift := func(name string, typ uint32, opts ...component.CanonOpt) {
		i := b.CanonLift(b.AliasCoreExport(main, name, component.CoreFunc), typ, opts...)
		exports = append(exports, component.InlineExport{Name: externName(name), Item: component.SortIdx{Sort: component.SortFunc, Index: i}})
	}
	for _, f := range g.fns {
		o := opts
		if g.IntN(2) == 0 {
			o = append(append([]component.CanonOpt{}, opts...),
				component.CanonOpt{Kind: component.OptPostReturn, Index: b.AliasCoreExport(main, "post-"+f.name, component.CoreFunc)})
		}
		lift(f.name, types.function(f), o...)
	}
	lift(Digest, b.Type(digestType()))
	b.ExportInstance(Callee, b.Exports(exports...))
	return encode.Component(b.Finish())
}

func digestType() *component.FuncDef {
	return &component.FuncDef{Result: &component.ValType{Prim: component.PrimU64}}
}

// caller makes the root.
func (g *junkGen) caller() []byte {
	tb := build.NewType()
	in := &scope{def: tb.Type, named: map[*typ]uint32{}}
	for _, t := range g.named {
		in.named[t] = tb.Export(externName(t.name), component.ExternType{Kind: component.ExternTypeBound, Index: in.define(t)})
	}
	for _, f := range g.fns {
		tb.Export(externName(f.name), component.ExternType{Kind: component.ExternFunc, Index: in.function(f)})
	}
	tb.Export(externName(Digest), component.ExternType{Kind: component.ExternFunc, Index: tb.Type(digestType())})

	b := build.New()
	inst := b.Import(Callee, component.ExternType{Kind: component.ExternInstance, Index: b.Type(tb.Instance())})
	libc, opts := g.libc(b)
	var lowered []component.CoreInlineExport
	lower := func(name string, opts ...component.CanonOpt) {
		i := b.CanonLower(b.AliasExport(inst, name, component.SortFunc), opts...)
		lowered = append(lowered, component.CoreInlineExport{Name: name, Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: i}})
	}
	for _, f := range g.fns {
		lower(f.name, opts...)
	}
	lower(Digest)
	main := b.CoreInstantiate(b.CoreModule(g.callerModule()),
		component.CoreArg{Name: "libc", Instance: libc}, component.CoreArg{Name: "to", Instance: b.CoreExports(lowered...)})
	t := b.Type(digestType())
	for i := range junkCalls {
		b.ExportFunc(goName(i), b.CanonLift(b.AliasCoreExport(main, goName(i), component.CoreFunc), t))
	}
	b.ExportFunc(Digest, b.CanonLift(b.AliasCoreExport(main, Digest, component.CoreFunc), t))
	return encode.Component(b.Finish())
}
