package onememory_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/onememory"
)

// checker finds accesses of a module with one memory that are not proven to stay in the region of the memory that the
// original accessed. It shares nothing with the rewriter but the layout: it evaluates bodies symbolically. Every value has an
// identity, and a definition as far as it matters; facts are upper bounds of values on all ways to an instruction.
type checker struct {
	t         testing.TB
	in, out   *corewasm.Module // both decoded
	l         *onememory.Layout
	by        map[uint32]*onememory.Region
	size      map[uint32]uint32 // memory by the global with its size
	base      map[uint32]uint32
	generated int // index of the first generated body
	wrong     []string

	next   int
	locals []value
	stack  []value
	facts  []bound
	blocks []frame
	// pending are the facts that hold at the beginning of each iteration of the next loop; length is a local.
	pending []bound
	wants   []op.Instr // accesses of the original body that have not been met
	fn      int
}

type value struct {
	id   int
	kind valueKind
	// Of a sum, difference, comparison or extension.
	a, b *value
	c    uint64 // of a constant
	mem  uint32 // of a size or base
}

type valueKind uint8

const (
	opaque valueKind = iota
	number
	size
	base
	sum
	difference
	greater
	wide // extension of a to 64 bits
	product
	atMost
	both // of two conditions
)

// bound says that the value with an identity is at most most; or, if relative is set, that it plus extent is at most the size
// of a memory. If length is set, the value with that identity is added on the left side.
type bound struct {
	id, length int
	relative   bool
	mem        uint32
	extent     uint64
	most       int64
}

type frame struct {
	facts    int
	assigned map[uint32]bool
	twice    []op.Instr // the wanted accesses of a loop that is there twice
}

// check returns what is wrong with a module with one memory, made from another one.
func check(t testing.TB, in, out *corewasm.Module, l *onememory.Layout) []string {
	c := &checker{t: t, in: in, out: out, l: l, by: map[uint32]*onememory.Region{}, size: map[uint32]uint32{}, base: map[uint32]uint32{},
		generated: len(in.Funcs)}
	next := in.Count(corewasm.ExternGlobal)
	end := uint64(0)
	for i := range l.Regions {
		r := &l.Regions[i]
		c.by[r.Memory] = r
		if r.Base != end || r.Size > r.Capacity {
			c.report("region %d begins at %#x, not %#x", i, r.Base, end)
		}
		end = r.Base + r.Capacity
		for _, g := range []struct {
			there bool
			of    map[uint32]uint32
			first uint64
		}{{r.Check == onememory.Moving, c.base, r.Base}, {r.Check != onememory.Engine && r.Grows, c.size, r.Size}} {
			if g.there {
				c.initial(next, g.first)
				g.of[next] = r.Memory
				next++
			}
		}
	}
	for i := range in.Code {
		c.function(i)
	}
	return c.wrong
}

func (c *checker) report(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf("function %d: ", c.fn)+fmt.Sprintf(format, args...))
}

func (c *checker) initial(global uint32, want uint64) {
	g := c.out.DefinedGlobal(global)
	r := op.NewReader(g.Init.Bytes, 0)
	if !r.Next() || r.In.Op != op.I32Const || uint64(uint32(r.In.Value)) != want {
		c.report("global %d does not begin with %#x", global, want)
	}
}

func (c *checker) fresh(v value) value {
	c.next++
	v.id = c.next
	return v
}

func (c *checker) pop() value {
	if n := len(c.stack); n > 0 {
		v := c.stack[n-1]
		c.stack = c.stack[:n-1]
		return v
	}
	return c.fresh(value{})
}

func (c *checker) push(v value) { c.stack = append(c.stack, v) }

func (c *checker) unknown(n int) {
	for range n {
		c.push(c.fresh(value{}))
	}
}

func memoryAccess(in *op.Instr) bool {
	return in.Info.Imm == op.Memarg || in.Info.Imm == op.MemargLane
}

// instructions returns the instructions of a body.
func instructions(code []byte) (out []op.Instr) {
	for r := op.NewReader(code, 0); r.Next(); {
		in := r.In
		in.Labels, in.Catches = slices.Clone(in.Labels), slices.Clone(in.Catches)
		out = append(out, in)
	}
	return out
}

func (c *checker) function(i int) {
	c.fn = i
	c.wants = nil
	for _, in := range instructions(c.in.Code[i].Code) {
		if in.Info.Imm.Names(op.SpaceMem) && in.Op != op.MemorySize && in.Op != op.MemoryGrow {
			c.wants = append(c.wants, in)
		}
	}
	c.locals, c.stack, c.facts, c.blocks = nil, nil, nil, nil
	n := len(c.out.FuncTypeOf(c.out.NumImported(corewasm.ExternFunc) + uint32(i)).Params)
	for _, run := range c.out.Code[i].Locals {
		n += int(run.Count)
	}
	for range n {
		c.locals = append(c.locals, c.fresh(value{}))
	}
	code := instructions(c.out.Code[i].Code)
	wrapped := c.wrapped(code)
	for at := range code {
		c.step(code, at, wrapped)
	}
	if len(c.wants) > 0 {
		c.report("%d accesses are gone", len(c.wants))
	}
}

// wrapped reports whether a body is one block, after which an access traps.
func (c *checker) wrapped(code []op.Instr) bool {
	n := len(code)
	if n < 7 || code[0].Op != op.Block || code[0].Block.Form != op.BlockEmpty {
		return false
	}
	tail := code[n-7:]
	for i, o := range []op.Op{op.Return, op.End, op.I32Const, op.I32Load8U, op.Drop, op.Unreachable, op.End} {
		if tail[i].Op != o {
			return false
		}
	}
	return int32(tail[2].Value) == -1 && tail[3].Offset == 0xffffffff
}

func (c *checker) step(code []op.Instr, at int, wrapped bool) {
	in := &code[at]
	switch {
	case in.Info.Imm == op.BlockType || in.Info.Imm == op.TryTable:
		cond := value{}
		if in.Op == op.If {
			cond = c.pop()
		}
		c.stack = nil
		f := frame{facts: len(c.facts), assigned: map[uint32]bool{}}
		if in.Op == op.If && code[at+1].Op == op.Loop {
			c.iterations(cond, code[at+1:])
			if twice(code[at+1:]) {
				f.twice = c.wants
			}
		}
		c.blocks = append(c.blocks, f)
		if in.Op == op.Loop {
			c.forget(assignedInLoop(code, at))
			for _, f := range c.pending {
				f.id = c.locals[f.length].id
				f.length = 0
				c.facts = append(c.facts, f)
			}
			c.pending = nil
		}
	case in.Op == op.Else || in.Op == op.LegacyCatch || in.Op == op.LegacyCatchAll:
		f := &c.blocks[len(c.blocks)-1]
		c.facts, c.stack = c.facts[:f.facts], nil
		c.forget(f.assigned)
		if f.twice != nil {
			c.wants = f.twice
		}
	case in.Op == op.End || in.Op == op.LegacyDelegate:
		n := len(c.blocks)
		if n == 0 {
			return
		}
		f := c.blocks[n-1]
		c.blocks, c.facts, c.stack = c.blocks[:n-1], c.facts[:f.facts], nil
		c.forget(f.assigned)
		for l := range f.assigned {
			c.assign(l)
		}
	case in.Op == op.BrIf:
		cond := c.pop()
		if wrapped && int(in.Index) == len(c.blocks)-1 {
			c.learn(cond)
		}
	case in.Info.Imm.Names(op.SpaceLabel) || in.Op == op.Return || in.Op == op.Unreachable:
		c.stack = nil
	case in.Op == op.LocalGet:
		c.push(c.locals[in.Index])
	case in.Op == op.LocalSet:
		c.locals[in.Index] = c.pop()
		c.assign(in.Index)
	case in.Op == op.LocalTee:
		v := c.pop()
		c.locals[in.Index] = v
		c.assign(in.Index)
		c.push(v)
	case in.Info.Imm.Names(op.SpaceMem):
		c.memory(in)
	default:
		c.plain(in)
	}
}

func (c *checker) assign(l uint32) {
	if n := len(c.blocks); n > 0 {
		c.blocks[n-1].assigned[l] = true
	}
}

// forget gives locals unknown values.
func (c *checker) forget(locals map[uint32]bool) {
	for l := range locals {
		c.locals[l] = c.fresh(value{})
	}
}

func assignedInLoop(code []op.Instr, at int) map[uint32]bool {
	out := map[uint32]bool{}
	depth := 0
	for _, in := range code[at:] {
		switch {
		case in.Info.Imm == op.BlockType || in.Info.Imm == op.TryTable:
			depth++
		case in.Op == op.LocalSet || in.Op == op.LocalTee:
			out[in.Index] = true
		case in.Op == op.End || in.Op == op.LegacyDelegate:
			if depth--; depth == 0 {
				return out
			}
		}
	}
	return out
}

// learn records what holds when a comparison that leads to the trap is false.
func (c *checker) learn(v value) {
	if v.kind != greater {
		return
	}
	x, limit := v.a, v.b
	add := uint64(0)
	if x.kind == sum && x.a.kind == wide && x.b.kind == number { // in 64 bits: x + add > limit
		add = x.b.c
		x = x.a.a
		if limit.kind != wide {
			return
		}
		limit = limit.a
	}
	switch {
	case limit.kind == number:
		c.facts = append(c.facts, bound{id: x.id, most: int64(limit.c) - int64(add)})
	case limit.kind == size:
		c.facts = append(c.facts, bound{id: x.id, relative: true, mem: limit.mem, extent: add})
	case limit.kind == difference && add == 0:
		if limit.a.kind == size && limit.b.kind == number && limit.b.c <= c.by[limit.a.mem].Size {
			c.facts = append(c.facts, bound{id: x.id, relative: true, mem: limit.a.mem, extent: limit.b.c})
		}
		if c.inSize(*limit.b, *limit.a) { // x + length is at most limit, because length is
			c.facts = append(c.facts, bound{id: x.id, length: limit.b.id, relative: limit.a.kind == size, mem: limit.a.mem, most: int64(limit.a.c)})
		}
	}
}

// plain evaluates an instruction that does not name a memory.
func (c *checker) plain(in *op.Instr) {
	binary := func(kind valueKind) {
		b, a := c.pop(), c.pop()
		c.push(c.fresh(value{kind: kind, a: &a, b: &b}))
	}
	switch in.Op {
	case op.I32Const:
		c.push(c.fresh(value{kind: number, c: uint64(uint32(in.Value))}))
	case op.I64Const:
		c.push(c.fresh(value{kind: number, c: in.Value}))
	case op.I32Add, op.I64Add:
		binary(sum)
	case op.I32Sub:
		binary(difference)
	case op.I32GtU, op.I64GtU:
		binary(greater)
	case op.I64Mul:
		binary(product)
	case op.I64LeU:
		binary(atMost)
	case op.I32And:
		binary(both)
	case op.I64ExtendI32U:
		a := c.pop()
		c.push(c.fresh(value{kind: wide, a: &a}))
	case op.GlobalGet:
		v := value{}
		if mem, ok := c.size[in.Index]; ok {
			v = value{kind: size, mem: mem}
		} else if mem, ok := c.base[in.Index]; ok {
			v = value{kind: base, mem: mem}
		}
		c.push(c.fresh(v))
	case op.GlobalSet:
		if in.Index >= c.in.Count(corewasm.ExternGlobal) {
			c.report("it sets global %d", in.Index)
		}
		c.pop()
	case op.Call:
		c.call(in)
	case op.CallIndirect:
		t := c.out.SubTypeAt(in.Index)
		c.moved()
		for range len(t.Func.Params) + 1 {
			c.pop()
		}
		c.unknown(len(t.Func.Results))
	case op.Drop:
		c.pop()
	case op.Select, op.SelectT:
		for range 3 {
			c.pop()
		}
		c.unknown(1)
	default:
		if !in.Info.Typed {
			c.stack = nil
			c.moved()
			return
		}
		for range len(in.Info.Params) {
			c.pop()
		}
		c.unknown(len(in.Info.Results))
	}
}

func (c *checker) call(in *op.Instr) {
	t := c.out.FuncTypeOf(in.Index)
	c.moved()
	for range len(t.Params) {
		c.pop()
	}
	c.unknown(len(t.Results))
}

// moved makes bases, and addresses that contain them, plain numbers: a call may move regions.
func (c *checker) moved() {
	for _, vs := range [][]value{c.locals, c.stack} {
		for i := range vs {
			if v := &vs[i]; v.kind == base || v.kind == sum && (v.a.kind == base || v.b.kind == base) {
				v.kind = opaque
			}
		}
	}
}

// memory checks an instruction that names the memory.
func (c *checker) memory(in *op.Instr) {
	switch in.Op {
	case op.MemorySize:
		c.unknown(1)
		return
	case op.MemoryGrow:
		c.report("it grows the memory itself")
		return
	}
	above := 0
	if memoryAccess(in) {
		above = len(in.Info.Params) - 1
		if v := c.peek(above); in.Op == op.I32Load8U && v.kind == number && v.c == 0xffffffff && in.Offset == 0xffffffff { // the trap
			c.effect(in, above)
			return
		}
	}
	if len(c.wants) == 0 {
		c.report("%s: there was no such access", in.Info.Name)
		return
	}
	want := c.wants[0]
	c.wants = c.wants[1:]
	if want.Op != in.Op {
		c.report("%s instead of %s", in.Info.Name, want.Info.Name)
		return
	}
	if memoryAccess(in) {
		if why := c.proven(in, &want, c.peek(above)); why != "" {
			c.report("%s $%d offset=%d: %s", want.Info.Name, want.Index, want.Offset, why)
		}
		c.effect(in, above)
		return
	}
	n, second, first := c.pop(), c.pop(), c.pop()
	ok := true
	switch in.Op {
	case op.MemoryCopy:
		ok = c.inRange(first, n, want.Index) && c.inRange(second, n, want.Index2)
	case op.MemoryInit:
		ok = c.inRange(first, n, want.Index2) && in.Index == want.Index
	default:
		ok = c.inRange(first, n, want.Index)
	}
	if !ok {
		c.report("%s: the range is not checked", in.Info.Name)
	}
}

// inSize reports whether a value is at most the size of a memory, or a number.
func (c *checker) inSize(v, limit value) bool {
	if limit.kind == number {
		return c.isAtMost(v, int64(limit.c))
	}
	return limit.kind == size && slices.ContainsFunc(c.facts, func(f bound) bool {
		return f.id == v.id && f.length == 0 && f.relative && f.mem == limit.mem
	})
}

// inRange reports whether an address is that of a range of length n in a region.
func (c *checker) inRange(address, n value, mem uint32) bool {
	r := c.by[mem]
	x := address
	switch {
	case address.kind == sum && address.b.kind == base && address.b.mem == mem:
		x = *address.a
	case r.Check == onememory.Moving:
		return false
	case address.kind == sum && address.b.kind == number && address.b.c == r.Base && r.Base > 0:
		x = *address.a
	case r.Base > 0:
		return false
	}
	if r.Check == onememory.Engine {
		return c.isAtMost(x, int64(1<<32-1-r.Base))
	}
	return slices.ContainsFunc(c.facts, func(f bound) bool {
		return f.id == x.id && f.length == n.id && (f.relative && f.mem == mem || !f.relative && f.most <= int64(r.Size))
	})
}

func (c *checker) peek(n int) value {
	for len(c.stack) <= n {
		c.stack = append([]value{c.fresh(value{})}, c.stack...)
	}
	return c.stack[len(c.stack)-1-n]
}

func (c *checker) effect(in *op.Instr, above int) {
	for range above + 1 {
		c.pop()
	}
	c.unknown(len(in.Info.Results))
}

// proven returns why an access is not known to be in the region of the memory that the original one named.
func (c *checker) proven(in, want *op.Instr, address value) string {
	r := c.by[want.Index]
	e := want.Offset + 1<<in.Info.Align
	// The address is x + base, and the offset may have another constant base.
	x, added := address, false
	if address.kind == sum {
		switch b := address.b; {
		case b.kind == base && b.mem == want.Index:
			x, added = *address.a, true
		case b.kind == number && r.Check != onememory.Moving && b.c == r.Base && in.Offset == want.Offset && r.Base > 0:
			x, added = *address.a, true
		}
	}
	switch {
	case added && in.Offset != want.Offset:
		return fmt.Sprintf("the offset is %d", in.Offset)
	case !added && r.Check == onememory.Moving:
		return "the base is not added"
	case !added && in.Offset != want.Offset+r.Base:
		return fmt.Sprintf("the offset is %d, and the base %#x", in.Offset, r.Base)
	}
	if r.Check == onememory.Engine {
		if !added || c.isAtMost(x, int64(1<<32-1-r.Base)) {
			return ""
		}
		return "adding the base may wrap around"
	}
	if x.kind == number && x.c+e <= r.Size || c.isAtMost(x, int64(r.Size)-int64(e)) {
		return ""
	}
	for _, f := range c.facts {
		if f.id == x.id && f.length == 0 && f.relative && f.mem == want.Index && f.extent >= e {
			return ""
		}
	}
	return "it is not checked"
}

func (c *checker) isAtMost(x value, most int64) bool {
	return slices.ContainsFunc(c.facts, func(f bound) bool { return f.id == x.id && f.length == 0 && !f.relative && f.most <= most })
}
