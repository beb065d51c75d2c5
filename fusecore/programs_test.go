package fusecore_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/build"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/program"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestPrograms puts random core modules that use one another's functions, tables, memories, globals and tags into two
// components, of which one calls the other and both call the host, and compares calls of their exports, composed and
// fused, with all levels of optimising. FUSE_PROGRAMS sets the seeds, as N or FROM:N.
func TestPrograms(t *testing.T) {
	from, to := seeds.Of(t, "FUSE_PROGRAMS", 12)
	var p programs
	for seed := from; seed < to && !t.Failed(); seed++ {
		p.compare(t, seed)
	}
	t.Logf("%+v", p)
	if p.traps == 0 || p.traps*3 > p.calls || p.between == 0 || p.hosts == 0 || p.refused*4 > int(to-from) {
		t.Errorf("the programs do too little: %+v", p)
	}
}

// programs counts what has been compared. between are functions that one component imports from the other.
type programs struct{ programs, refused, calls, traps, hosts, between int }

// lifted is an export of a component of programs.
type lifted struct {
	name string
	program.Func
}

var primOf = map[string]component.Prim{
	"i32": component.PrimU32, "i64": component.PrimU64, "f32": component.PrimF32, "f64": component.PrimF64,
}

// funcType defines the component's type of a function.
func funcType(b *build.Builder, f *program.Func) uint32 {
	prim := func(t string) *component.ValType { return &component.ValType{Prim: primOf[t]} }
	d := &component.FuncDef{}
	for k, p := range f.Params {
		d.Params = append(d.Params, component.Field{Label: fmt.Sprintf("p%d", k), Type: prim(p)})
	}
	if len(f.Results) == 1 {
		d.Result = prim(f.Results[0])
	}
	return b.Type(d)
}

// part is a component that instantiates modules, each with those before it.
type part struct {
	c       *component.Component
	imports []lifted
	exports []lifted
}

// newPart returns a component of some modules with their names.
func newPart(t *testing.T, names []string, modules []*program.Module) *part {
	t.Helper()
	b := build.New()
	p := &part{}
	var args []component.CoreArg
	indices := map[*program.Module]uint32{}
	for i, m := range modules {
		var host []component.CoreInlineExport
		for k := range m.Host {
			f := &m.Host[k]
			name := names[i] + "-" + f.Name
			p.imports = append(p.imports, lifted{name, *f})
			imported := b.Import(name, component.ExternType{Kind: component.ExternFunc, Index: funcType(b, f)})
			host = append(host, component.CoreInlineExport{Name: f.Name, Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: b.CanonLower(imported)}})
		}
		if _, ok := indices[m]; !ok {
			wasm, err := wasmtime.Text(m.Text)
			if err != nil {
				t.Fatal(err)
			}
			indices[m] = b.CoreModule(wasm)
		}
		inst := b.CoreInstantiate(indices[m], append([]component.CoreArg{{Name: "host", Instance: b.CoreExports(host...)}}, args...)...)
		args = append(args, component.CoreArg{Name: names[i], Instance: inst})
		all := m.Funcs
		for _, d := range m.Dumps {
			all = append(all, program.Func{Name: d, Results: []string{"i64"}})
		}
		if i == 0 {
			all = append(all, program.Func{Name: "refuel"})
		}
		for k := range all {
			f := &all[k]
			name := names[i] + "-" + f.Name
			p.exports = append(p.exports, lifted{name, *f})
			b.ExportFunc(name, b.CanonLift(b.AliasCoreExport(inst, f.Name, component.CoreFunc), funcType(b, f)))
		}
	}
	p.c = b.Finish()
	return p
}

// world returns the composition of a seed, what it imports and what it exports.
func (p *programs) world(t *testing.T, seed uint64) (composed []byte, imports, exports []lifted) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 12))
	o := program.Options{Host: true, Liftable: true, NoTags: !wasmtime.Async(), Types: program.NewTypes(r)}
	a := program.New(r, "a", o)
	o.From = []*program.Module{a}
	bb := program.New(r, "b", o)
	names, modules := []string{"a", "b"}, []*program.Module{a, bb}
	if r.IntN(2) == 0 {
		names, modules = append(names, "c"), append(modules, bb)
	}
	o.From = nil
	x, y := newPart(t, names, modules), newPart(t, []string{"d"}, []*program.Module{program.New(r, "d", o)})

	root := build.New()
	available := map[string][]uint32{}
	for _, c := range []*part{x, y} {
		var args []component.Arg
		index := root.Component(c.c)
		for i := range c.imports {
			f := &c.imports[i]
			sig := fmt.Sprint(f.Params, f.Results)
			var item uint32
			if all := available[sig]; len(all) > 0 && r.IntN(4) > 0 {
				item = all[r.IntN(len(all))]
				p.between++
			} else {
				imports = append(imports, *f)
				item = root.Import(f.name, component.ExternType{Kind: component.ExternFunc, Index: funcType(root, &f.Func)})
			}
			args = append(args, component.Arg{Name: f.name, Item: component.SortIdx{Sort: component.SortFunc, Index: item}})
		}
		inst := root.Instantiate(index, args...)
		for _, f := range c.exports {
			item := root.AliasExport(inst, f.name, component.SortFunc)
			sig := fmt.Sprint(f.Params, f.Results)
			available[sig] = append(available[sig], item)
			if keep := strings.Contains(f.name, "refuel") || r.IntN(4) > 0; keep {
				root.ExportFunc(f.name, item)
				exports = append(exports, f)
			}
		}
	}
	return encode.Component(root.Finish()), imports, exports
}

// compare compares the composition of a seed with its fused form.
func (p *programs) compare(t *testing.T, seed uint64) {
	t.Helper()
	composed, imports, exports := p.world(t, seed)
	o := fusecore.FuseOptions{}
	switch seed % 8 {
	case 0, 1:
		o.Optimize = fusecore.OptimizeSize
	case 2:
		o.Optimize = fusecore.OptimizeNone
	case 3:
		o.NoShake = true
	}
	fused, err := fuseWith(o)(single("programs", composed))
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	h := &programHost{}
	funcs := map[string]wasmtime.HostFunc{}
	for i := range imports {
		f := &imports[i]
		funcs[f.name] = func(args []string) (string, error) { return h.answer(f, args) }
	}
	// Pools refuse the compositions' modules, which define several memories, but not the fused ones.
	of := wasmtime.New(wasmtime.Options{Timeout: 20 * time.Second, Funcs: funcs, NoPooling: true})
	defer of.Close()
	e := wasmtime.New(wasmtime.Options{Timeout: 20 * time.Second, Funcs: funcs})
	defer e.Close()
	want, wantErr := p.play(of, h, composed, exports, seed)
	got, err := p.play(e, h, fused.Bytes(), exports, seed)
	if wantErr != nil && strings.HasPrefix(wantErr.Error(), "compile") {
		p.refused++
		t.Logf("seed %d: %v", seed, wantErr)
		return
	}
	p.programs++
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("seed %d, %+v, step %d:\nfused    %s %v\ncomposed %s %v", seed, o, i, append(got, "nothing")[min(i, len(got))], err, want[i], wantErr)
			return
		}
	}
}

// programHost is the host of programs. What it answers depends on the calls of an instance so far.
type programHost struct{ n uint64 }

func (h *programHost) answer(f *lifted, args []string) (string, error) {
	h.n++
	sum := h.n
	for _, c := range []byte(f.name + strings.Join(args, ",")) {
		sum = (sum ^ uint64(c)) * 0x100000001b3
	}
	if sum%29 == 0 {
		return "", fmt.Errorf("the host refuses %s", f.name)
	}
	if len(f.Results) == 0 {
		return "", nil
	}
	return programValue(sum, f.Results[0]), nil
}

// programValue returns a value of a type.
func programValue(n uint64, typ string) string {
	switch typ {
	case "i32":
		return fmt.Sprint(uint32(n))
	case "i64":
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d.5", int16(n))
}

// play makes calls that a seed determines, in new instances after traps, and returns what could be observed. An error is
// that of an instantiation.
func (p *programs) play(e *wasmtime.Engine, h *programHost, wasm []byte, exports []lifted, seed uint64) (seen []string, err error) {
	r := rand.New(rand.NewPCG(seed, 13))
	var in *wasmtime.Instance
	logged := 0
	call := func(f *lifted, args ...string) (ok bool) {
		res, err := in.Call(f.name, args...)
		what := ""
		for _, c := range in.Log()[logged:] {
			what += fmt.Sprint(" ", c)
			p.hosts++
		}
		logged = len(in.Log())
		if err != nil {
			res = programTrap(err)
			p.traps++
		}
		p.calls++
		seen = append(seen, fmt.Sprint(f.name, args, " = ", res, what))
		return err == nil
	}
	for range 120 {
		if in == nil {
			h.n, logged = 0, 0
			if in, err = e.Load(wasm); err != nil {
				return append(seen, programTrap(err)), err
			}
		}
		ok := true
		for i := range exports {
			if ok && exports[i].Name == "refuel" {
				ok = call(&exports[i])
			}
		}
		f := &exports[r.IntN(len(exports))]
		var args []string
		for _, typ := range f.Params {
			n := r.Uint64()
			if r.IntN(2) == 0 {
				n %= 20
			}
			args = append(args, programValue(n, typ))
		}
		if ok = ok && call(f, args...); !ok {
			in.Close()
			in = nil
		}
	}
	if in != nil {
		in.Close()
	}
	return seen, nil
}

// programTrap is what of an error must be the same in both forms. Exceptions trap at the boundary of a component, where a
// fused module has a rule.
func programTrap(err error) string {
	text := err.Error()
	if rule, _ := script.Rule(err); strings.Contains(rule, "exception") { // guests have functions with such names, too
		text = rule
	}
	for _, mark := range []string{"wasm trap:", "the host refuses", "exception"} {
		if i := strings.Index(text, mark); i >= 0 {
			if strings.Contains(text, "exception") {
				return "exception"
			}
			line, _, _ := strings.Cut(text[i:], "\n")
			return line
		}
	}
	return text
}
