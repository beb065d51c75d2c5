package merge

import (
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretext"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

// program is the input of merging.
type program struct {
	g *graph.Graph
	u *asm.Unit
	o Outside
}

func newProgram() *program { return &program{g: graphtest.New(), u: asm.NewUnit()} }

// instance appends an instance of a module, named by a letter. A destructor keeps it live.
func (p *program) instance(m *corewasm.Module, args ...graph.CoreRef) graph.CoreID {
	id := graphtest.AddCore(p.g, m, args...)
	p.g.Cores[id].Path = string(rune('a' + id))
	p.g.Resources = append(p.g.Resources, graph.Resource{Impl: graph.Root, Dtor: graphtest.Func(id, 0)})
	return id
}

// imports makes the output import a memory instead of defining it.
func (p *program) imports(mem graph.CoreRef) {
	p.o.Memories = append(p.o.Memories, Memory{"env", "memory", sym.Of(mem)})
}

func (p *program) module(t *testing.T) (*Fused, error) {
	live := analyse.NewLive(p.g)
	f, err := Module(t.Context(), p.g, live, analyse.NewNames(p.g, live), p.u, &p.o)
	if err == nil {
		f.Module, err = f.Draft.Write(t.Context())
	}
	return f, err
}

// merge returns the merged module, encoded and decoded again.
func (p *program) merge(t *testing.T) (*corewasm.Module, *Fused) {
	t.Helper()
	f, err := p.module(t)
	if err != nil {
		t.Fatal(err)
	}
	m, err := decode.Module(encode.Module(f.Module), 0)
	if err == nil {
		err = validate.Module(t.Context(), m, validate.All)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m, f
}

// expect merges and compares the text of the module with lines indented by tabs.
func (p *program) expect(t *testing.T, want string) *Fused {
	t.Helper()
	m, f := p.merge(t)
	if got, want := coretext.Module(m), strings.ReplaceAll(strings.TrimLeft(want, "\n"), "\t", ""); got != want {
		t.Errorf("the module is\n%s\nexpected\n%s", got, want)
	}
	return f
}

func def(kind corewasm.ExternKind, core graph.CoreID, index uint32) graph.CoreRef {
	return graphtest.Def(kind, core, index)
}

// Types of every module here.
const (
	tNone = iota // [] -> []
	tI32         // [i32] -> []
	tArray
)

// guest returns a module with functions without parameters and results.
func guest(bodies ...[]byte) *corewasm.Module {
	group := func(t corewasm.SubType) corewasm.RecGroup { return corewasm.RecGroup{Types: []corewasm.SubType{t}} }
	m := &corewasm.Module{Types: []corewasm.RecGroup{
		group(corewasm.SubType{Final: true, Kind: corewasm.CompFunc}),
		group(corewasm.SubType{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}}),
		group(corewasm.SubType{Final: true, Kind: corewasm.CompArray, Fields: []corewasm.FieldType{{Storage: corewasm.I32}}}),
	}}
	for _, b := range bodies {
		m.Funcs = append(m.Funcs, tNone)
		m.Code = append(m.Code, corewasm.Body{Code: append(b, byte(op.End))})
	}
	return m
}

// page is a memory of one page, table a table of two functions.
var (
	page  = corewasm.MemType{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}
	table = corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 2}}
)

// importing adds imports of items of these kinds.
func importing(m *corewasm.Module, kinds ...corewasm.ExternKind) *corewasm.Module {
	for _, k := range kinds {
		m.Imports = append(m.Imports, corewasm.Import{Module: "m", Name: "n", Kind: k, Func: tNone, Table: table, Mem: page,
			Global: corewasm.GlobalType{Type: corewasm.I32}})
	}
	return m
}

// code is a sequence of instructions.
func code(parts ...[]byte) []byte { return slices.Concat(parts...) }

func i32(v int64) []byte             { return leb128.AppendS64(op.I32Const.Append(nil), v) }
func in(o op.Op, i ...uint32) []byte { return o.Append(nil, i...) }

// expr is a constant expression.
func expr(parts ...[]byte) corewasm.Expr {
	return corewasm.Expr{Bytes: append(code(parts...), byte(op.End))}
}

func global(t corewasm.ValType, init corewasm.Expr) corewasm.Global {
	return corewasm.Global{Type: corewasm.GlobalType{Type: t}, Init: init}
}

func data(offset int32, s string) corewasm.Data {
	return corewasm.Data{Offset: encode.I32Const(offset), Bytes: []byte(s)}
}

func ptr[T any](v T) *T { return &v }
