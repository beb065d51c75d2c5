// Package echogen generates pairs of components with a random world from a seed. Each forwards the functions of the
// interface it exports to the one it imports: the host calls the root, the root the dependency, and the dependency a
// function of the host. So every argument crosses two boundaries with the host and one between components on the way
// in, and every result on the way out, and must arrive unchanged. Other pairs violate the rules; see [Junk].
package echogen

import (
	"fmt"
	"math/rand/v2"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/build"
)

// Interfaces of a pair.
const (
	Out  = "echo:gen/out@1.0.0"  // exported by the root
	Mid  = "echo:gen/mid@1.0.0"  // exported by the dependency, imported by the root
	Host = "echo:gen/host@1.0.0" // imported by the dependency
)

// Resource is the resource type of the host whose handles a case may pass.
const Resource = Host + "#r"

// Case is a generated pair with calls of it.
type Case struct {
	Root, Dep []byte
	Calls     []Call
}

// Call is a call of Out#Func with Args, for which the host's function returns Result ("" for a function without
// result). Values are in the engine's notation.
type Call struct {
	Func   string
	Args   []string
	Result string
}

// fn is a function of all three interfaces.
type fn struct {
	name   string
	params []*typ
	result *typ // or nil
	async  bool
}

// Generate returns the case of a seed. With handles, values contain owned handles of Resource, which go from the host
// through the handle tables of both components and back.
func Generate(seed uint64, handles bool) Case {
	g := &gen{Rand: rand.New(rand.NewPCG(seed, 0)), handles: handles}
	var fns []fn
	for i := range 1 + g.IntN(4) {
		f := fn{name: fmt.Sprintf("f%d", i)}
		n := g.IntN(4)
		if g.IntN(5) == 0 {
			n = 12 + g.IntN(10) // parameters passed in memory
		}
		for range n {
			f.params = append(f.params, g.typ(3))
		}
		if g.IntN(6) > 0 {
			f.result = g.typ(3)
		}
		fns = append(fns, f)
	}
	var c Case
	for _, f := range fns {
		for range 4 {
			call := Call{Func: f.name}
			for _, p := range f.params {
				call.Args = append(call.Args, g.value(p))
			}
			if f.result != nil {
				call.Result = g.value(f.result)
			}
			c.Calls = append(c.Calls, call)
		}
	}
	encoding := func() component.OptKind {
		return []component.OptKind{component.OptUTF8, component.OptUTF16, component.OptLatin1UTF16}[g.IntN(3)]
	}
	c.Root = side(Mid, Out, fns, g, encoding())
	c.Dep = side(Host, Mid, fns, g, encoding())
	return c
}

// scope defines types in one index space.
type scope struct {
	def      func(component.TypeDef) uint32
	named    map[*typ]uint32
	resource uint32
}

// use returns a use of a type, which it defines unless it is named.
func (s *scope) use(t *typ) component.ValType {
	if t.kind == component.KindPrim {
		return component.ValType{Prim: t.prim}
	}
	if i, ok := s.named[t]; ok {
		return component.ValType{Index: i}
	}
	return component.ValType{Index: s.define(t)}
}

func (s *scope) opt(t *typ) *component.ValType {
	if t == nil {
		return nil
	}
	v := s.use(t)
	return &v
}

func (s *scope) define(t *typ) uint32 {
	d := &component.ValDef{Kind: t.kind}
	switch t.kind {
	case component.KindList, component.KindOption, component.KindStream, component.KindFuture:
		d.Elem = s.opt(t.parts[0])
	case component.KindOwn:
		d.Resource = s.resource
	case component.KindResult:
		d.Elem, d.Err = s.opt(t.parts[0]), s.opt(t.parts[1])
	case component.KindTuple:
		for _, p := range t.parts {
			d.Types = append(d.Types, s.use(p))
		}
	case component.KindRecord:
		for i, p := range t.parts {
			d.Fields = append(d.Fields, component.Field{Label: fmt.Sprintf("f%d", i), Type: s.opt(p)})
		}
	case component.KindVariant:
		for i, p := range t.parts {
			d.Fields = append(d.Fields, component.Field{Label: fmt.Sprintf("c%d", i), Type: s.opt(p)})
		}
	case component.KindEnum, component.KindFlags:
		letter := map[component.ValKind]string{component.KindEnum: "e", component.KindFlags: "b"}[t.kind]
		for i := range t.n {
			d.Labels = append(d.Labels, fmt.Sprintf("%s%d", letter, i))
		}
	}
	return s.def(d)
}

func (s *scope) function(f fn) uint32 {
	d := &component.FuncDef{Async: f.async, Result: s.opt(f.result)}
	for i, p := range f.params {
		d.Params = append(d.Params, component.Field{Label: fmt.Sprintf("p%d", i), Type: s.opt(p)})
	}
	return s.def(d)
}

func externName(name string) component.ExternName { return component.ExternName{Name: name} }

// begin returns a component that imports an interface with functions, the scope of its types, and what it exports of them.
func (g *gen) begin(imp string, fns []fn) (b *build.Builder, inst uint32, root *scope, exports []component.InlineExport) {
	tb := build.NewType()
	in := &scope{def: tb.Type, named: map[*typ]uint32{}}
	if g.handles {
		in.resource = tb.Export(externName("r"), component.ExternType{Kind: component.ExternTypeBound, SubResource: true})
	}
	for _, t := range g.named {
		in.named[t] = tb.Export(externName(t.name), component.ExternType{Kind: component.ExternTypeBound, Index: in.define(t)})
	}
	for _, f := range fns {
		tb.Export(externName(f.name), component.ExternType{Kind: component.ExternFunc, Index: in.function(f)})
	}

	b = build.New()
	inst = b.Import(imp, component.ExternType{Kind: component.ExternInstance, Index: b.Type(tb.Instance())})
	root = &scope{def: b.Type, named: map[*typ]uint32{}}
	if g.handles {
		root.resource = b.AliasExport(inst, "r", component.SortType)
		exports = append(exports, component.InlineExport{Name: externName("r"), Item: component.SortIdx{Sort: component.SortType, Index: root.resource}})
	}
	for _, t := range g.named {
		i := b.AliasExport(inst, t.name, component.SortType)
		root.named[t] = i
		exports = append(exports, component.InlineExport{Name: externName(t.name), Item: component.SortIdx{Sort: component.SortType, Index: i}})
	}
	return b, inst, root, exports
}

// side returns a component that forwards the functions of the interface exp to those of imp.
func side(imp, exp string, fns []fn, g *gen, encoding component.OptKind) []byte {
	b, inst, root, exports := g.begin(imp, fns)
	libc := b.CoreInstantiate(b.CoreModule(libcModule()))
	opts := []component.CanonOpt{
		{Kind: encoding},
		{Kind: component.OptMemory, Index: b.AliasCoreExport(libc, "memory", component.CoreMemory)},
		{Kind: component.OptRealloc, Index: b.AliasCoreExport(libc, "realloc", component.CoreFunc)},
	}
	var lowered []component.CoreInlineExport
	for _, f := range fns {
		i := b.CanonLower(b.AliasExport(inst, f.name, component.SortFunc), opts...)
		lowered = append(lowered, component.CoreInlineExport{Name: f.name, Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: i}})
	}
	main := b.CoreInstantiate(b.CoreModule(forwardModule(fns)),
		component.CoreArg{Name: "libc", Instance: libc}, component.CoreArg{Name: "to", Instance: b.CoreExports(lowered...)})

	for _, f := range fns {
		i := b.CanonLift(b.AliasCoreExport(main, f.name, component.CoreFunc), root.function(f), opts...)
		exports = append(exports, component.InlineExport{Name: externName(f.name), Item: component.SortIdx{Sort: component.SortFunc, Index: i}})
	}
	b.ExportInstance(exp, b.Exports(exports...))
	return encode.Component(b.Finish())
}
