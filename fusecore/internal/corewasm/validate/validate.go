// Package validate checks that decoded modules are valid (core specification 3.0, "Validation"): the types of all
// instructions and constant expressions, and the rules about whole modules. It relies on the checks of package decode,
// that indices are in range and blocks are nested, except [Accept], which makes them too.
package validate

import (
	"context"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Features are extensions of the core specification 3.0 that a module may use.
type Features uint32

// Extensions.
const (
	Threads          Features = 1 << iota // shared memories and atomic instructions
	LegacyExceptions                      // try, catch, catch_all, delegate, rethrow
	WideArithmetic                        // 128-bit arithmetic
	CustomPageSizes                       // memories with pages of one byte

	Core3 Features = 0 // the core specification 3.0 and nothing else
	All            = Threads | LegacyExceptions | WideArithmetic | CustomPageSizes
)

// Module checks a decoded module. A module built by hand must be encoded and decoded first. The error is a *diag.Error
// with the offset of the instruction or definition, if known, and has the lowest offset if there are several in
// function bodies. If the context is done, the error is the context's.
func Module(ctx context.Context, m *corewasm.Module, features Features) error {
	return check(ctx, m, features, false)
}

// check checks a module, slowly without the fast path for frequent instructions.
func check(ctx context.Context, m *corewasm.Module, features Features, slow bool) error {
	e, err := newEnv(m, features)
	if err != nil {
		return err
	}
	e.slow = slow
	imported := m.NumImported(corewasm.ExternFunc)
	return corewasm.EachBody(ctx, m.Code, func() func(int) error {
		c := newChecker(e)
		return func(i int) error {
			err := c.function(i)
			if err, ok := err.(*diag.Error); ok {
				err.Item = fmt.Sprintf("function %d", imported+uint32(i))
			}
			return err
		}
	})
}

// newEnv checks everything but the bodies of a module.
func newEnv(m *corewasm.Module, features Features) (*env, error) {
	ts, err := newTypes(m)
	if err != nil {
		return nil, err
	}
	e := &env{m: m, types: ts, features: features}
	return e, e.module()
}

// env is shared by the checks of all bodies.
type env struct {
	*types
	m        *corewasm.Module
	features Features
	tables   []corewasm.TableType
	mems     []corewasm.MemType
	globals  globals
	funcs    []uint32 // the type index of each function
	tags     []*corewasm.FuncType
	declared []bool // functions that ref.func may name in a body
	slow     bool   // see check
}

// globals are the types of all globals, with equal types stored once.
type globals struct {
	of      []uint32 // the number of each global's type
	types   []corewasm.GlobalType
	numbers map[corewasm.GlobalType]uint32
}

func (g *globals) add(t corewasm.GlobalType) {
	n, ok := g.numbers[t]
	if !ok {
		if g.numbers == nil {
			g.numbers = map[corewasm.GlobalType]uint32{}
		}
		n = uint32(len(g.types))
		g.types, g.numbers[t] = append(g.types, t), n
	}
	g.of = append(g.of, n)
}

func (e *env) module() error {
	e.indexSpaces()
	if err := e.definitions(); err != nil {
		return err
	}
	e.declared = make([]bool, e.m.Count(corewasm.ExternFunc))
	c := newChecker(e)
	c.constExpr = true
	if err := e.tablesAndGlobals(c); err != nil {
		return err
	}
	if err := e.exportsAndStart(); err != nil {
		return err
	}
	return e.segments(c)
}

func (e *env) indexSpaces() {
	m := e.m
	e.funcs = make([]uint32, 0, m.Count(corewasm.ExternFunc))
	e.globals.of = make([]uint32, 0, m.Count(corewasm.ExternGlobal))
	for i := range m.Imports {
		im := &m.Imports[i]
		switch im.Kind {
		case corewasm.ExternFunc:
			e.funcs = append(e.funcs, im.Func)
		case corewasm.ExternTable:
			e.tables = append(e.tables, im.Table)
		case corewasm.ExternMem:
			e.mems = append(e.mems, im.Mem)
		case corewasm.ExternGlobal:
			e.globals.add(im.Global)
		case corewasm.ExternTag:
			e.tags = append(e.tags, &e.Def(im.Tag).Func)
		}
	}
	e.funcs = append(e.funcs, m.Funcs...)
	for i := range m.Tables {
		e.tables = append(e.tables, m.Tables[i].Type)
	}
	e.mems = append(e.mems, m.Mems...)
	for i := range m.NumGlobals() {
		e.globals.add(m.GlobalAt(i).Type)
	}
	for _, t := range m.Tags {
		e.tags = append(e.tags, &e.Def(t).Func)
	}
}

// definitions checks memories, tables' limits and tags, imported and defined.
func (e *env) definitions() error {
	for i, t := range e.tables {
		if t.Limits.HasMax && t.Limits.Max < t.Limits.Min {
			return diag.New(fmt.Sprintf("table %d", i), "maximum is less than minimum")
		}
	}
	for i, t := range e.mems {
		item := fmt.Sprintf("memory %d", i)
		switch {
		case t.Limits.Shared && e.features&Threads == 0:
			return diag.New(item, "shared memories are not enabled")
		case t.Limits.Shared && !t.Limits.HasMax:
			return diag.New(item, "a shared memory must have a maximum")
		case t.PageSizeLog2 != 16 && (e.features&CustomPageSizes == 0 || t.PageSizeLog2 != 0):
			return diag.New(item, "page size 2^%d is not enabled", t.PageSizeLog2)
		case t.Limits.HasMax && t.Limits.Max < t.Limits.Min:
			return diag.New(item, "maximum is less than minimum")
		}
	}
	for i, t := range e.tags {
		if len(t.Results) != 0 {
			return diag.New(fmt.Sprintf("tag %d", i), "%s", diag.Differ("the type of a tag must have %s, found %s", "no results", t))
		}
	}
	return nil
}

func (e *env) tablesAndGlobals(c *checker) error {
	imported := int(e.m.NumImported(corewasm.ExternTable))
	for i := range e.m.Tables {
		t := &e.m.Tables[i]
		if t.Init == nil {
			if !defaultable(t.Type.Elem) {
				return diag.New(fmt.Sprintf("table %d", imported+i), "a table of %s needs an initialiser", t.Type.Elem)
			}
			continue
		}
		if err := c.constant(*t.Init, t.Type.Elem, "table", imported+i); err != nil {
			return err
		}
	}
	imported = int(e.m.NumImported(corewasm.ExternGlobal))
	for i := range e.m.NumGlobals() {
		g := e.m.GlobalAt(i)
		if err := c.constant(g.Init, g.Type.Type, "global", imported+i); err != nil {
			return err
		}
	}
	return nil
}

func (e *env) exportsAndStart() error {
	for i := range e.m.Exports {
		if ex := &e.m.Exports[i]; ex.Kind == corewasm.ExternFunc {
			e.declared[ex.Index] = true
		}
	}
	if e.m.Start == nil {
		return nil
	}
	if t := e.m.FuncTypeOf(*e.m.Start); len(t.Params) != 0 || len(t.Results) != 0 {
		return diag.New("start function", "%s", diag.Differ("function %d must have %s, found %s", *e.m.Start, "neither parameters nor results", t))
	}
	return nil
}

func (e *env) segments(c *checker) error {
	for i := range e.m.Elems {
		s := &e.m.Elems[i]
		if s.Mode == corewasm.SegActive {
			t := &e.tables[s.Table]
			if !e.match(s.Type, t.Elem) {
				return diag.At(s.Pos, "element segment %d: elements of %s do not fit table %d of %s", i, s.Type, s.Table, t.Elem)
			}
			if err := c.constant(s.Offset, address(t.Limits), "element segment", i); err != nil {
				return err
			}
		}
		for _, f := range s.Funcs {
			e.declared[f] = true
		}
		for _, x := range s.Exprs {
			if err := c.constant(x, s.Type, "element segment", i); err != nil {
				return err
			}
		}
	}
	for i, s := range e.m.AllData() {
		if s.Mode != corewasm.SegActive {
			continue
		}
		if err := c.constant(s.Offset, address(e.mems[s.Mem].Limits), "data segment", i); err != nil {
			return err
		}
		if e.m.LateData != nil {
			break // the others are of the same type
		}
	}
	return nil
}

// address returns the type of addresses of a memory or table.
func address(l corewasm.Limits) corewasm.ValType {
	if l.Is64 {
		return corewasm.I64
	}
	return corewasm.I32
}

// allowed checks that an instruction belongs to the core specification or an enabled extension.
func (e *env) allowed(o op.Op) bool {
	var need Features
	switch {
	case o.Prefix() == op.PrefixAtomic:
		need = Threads
	case o >= op.TableFill+1 && o.Prefix() == op.PrefixMisc:
		need = WideArithmetic
	case o == op.LegacyTry || o == op.LegacyCatch || o == op.LegacyRethrow || o == op.LegacyDelegate || o == op.LegacyCatchAll:
		need = LegacyExceptions
	}
	return e.features&need == need
}
