package onememory_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretest"
)

// program generates the text of a module whose functions access several memories around every edge: of each memory, of
// the others, and of their addresses.
type program struct {
	*rand.Rand
	b        strings.Builder
	mins     []uint64 // pages
	maxs     []uint64 // pages, or 0
	grow     []bool   // whether code grows the memory
	accesses []op.Op
	labels   int // open labels in the function
	budget   int // statements left in the function
	fn       int // index of the function
	sum      uint64
}

// numFuncs is the number of generated functions, "f0" and so on: [i32 i32 i32 i64] -> [i64].
const numFuncs = 5

// accesses returns every load and store of memories that threads do not share.
func accesses() (out []op.Op) {
	for _, o := range coretest.Ops() {
		if i := o.Get().Imm; (i == op.Memarg || i == op.MemargLane) && o.Prefix() != op.PrefixAtomic {
			out = append(out, o)
		}
	}
	return out
}

// newProgram returns the text of the program of a seed. With limited set, every memory has a small maximum.
func newProgram(seed uint64, limited bool) *program {
	p := &program{Rand: rand.New(rand.NewPCG(seed, 1)), accesses: accesses()}
	n := 2 + p.IntN(3)
	p.line("(module")
	p.line(`(import "host" "call" (func $host (param i32 i32) (result i32)))`)
	for i := range n {
		least := uint64(p.IntN(3))
		if i == 0 && p.IntN(6) == 0 {
			least = 600 // what lies above is not near
		}
		most := uint64(0)
		if limited || p.IntN(3) == 0 {
			most = least + uint64(p.IntN(4))
		}
		p.mins, p.maxs, p.grow = append(p.mins, least), append(p.maxs, most), append(p.grow, p.IntN(3) > 0)
		p.sum += least
		text := fmt.Sprintf("(memory $m%d %d", i, least)
		if most > 0 || limited {
			text += fmt.Sprintf(" %d", most)
		}
		p.line("%s)", text)
		if least > 0 {
			p.line(`(data (memory $m%d) (i32.const %d) "%s")`, i, p.IntN(60000), strings.Repeat(string(rune('a'+i)), 40))
		}
	}
	p.line(`(data $d "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")`)
	p.line("(type $t (func (param i32 i32 i32 i64) (result i64)))")
	p.line("(table funcref (elem %s))", func() (s string) {
		for i := range numFuncs {
			s += fmt.Sprintf(" $f%d", i)
		}
		return s
	}())
	for i := range numFuncs {
		p.function(i)
	}
	for i := range n {
		p.dump(i)
	}
	p.line(")")
	return p
}

func (p *program) line(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

// one returns one of some texts.
func (p *program) one(all ...string) string { return all[p.IntN(len(all))] }

func (p *program) mem() int { return p.IntN(len(p.mins)) }

// edge returns a number near an edge of a memory, of all of them, or of 32 bits.
func (p *program) edge() uint32 {
	near := uint32(p.IntN(40)) - 20
	switch p.IntN(8) {
	case 0:
		return uint32(p.IntN(100))
	case 1:
		return uint32(p.IntN(7))<<16 + near
	case 2:
		return -(uint32(p.IntN(7)) << 16) + near
	case 3:
		return near
	case 4:
		return uint32(p.sum<<16) + near
	case 5:
		return 1<<31 + near
	case 6:
		return uint32(p.mins[p.mem()]<<16) + near
	}
	return p.Uint32()
}

// offset returns a static offset.
func (p *program) offset() uint32 {
	if p.IntN(3) > 0 {
		return uint32(p.IntN(64))
	}
	return p.edge()
}

// function generates a function: $p, $q and $r are addresses, $a collects what it reads, $n counts iterations.
func (p *program) function(i int) {
	p.fn, p.labels, p.budget = i, 0, 4+p.IntN(14)
	p.line(`(func $f%d (export "f%d") (param $p i32) (param $q i32) (param $r i32) (param $a i64) (result i64) (local $n i32)`, i, i)
	p.statements()
	p.line("local.get $a)")
}

func (p *program) statements() {
	for range 1 + p.IntN(6) {
		if p.budget--; p.budget < 0 {
			return
		}
		p.statement()
	}
}

// mix adds the i64 on the stack to what the function has read.
func (p *program) mix() { p.line("local.get $a i64.const 31 i64.mul i64.add local.set $a") }

func (p *program) local() string { return p.one("$p", "$q", "$r") }

func (p *program) statement() {
	switch p.IntN(24) {
	case 22, 23:
		p.counted()
	case 0:
		p.line("i32.const %d local.set %s", int32(p.edge()), p.local())
	case 1:
		p.line("local.get %s i32.const %d i32.add local.set %s", p.local(), int32(p.edge()), p.local())
	case 2:
		p.line("block $l%d", p.labels)
		p.inner(fmt.Sprintf("local.get %s i32.const 1 i32.and br_if $l%d", p.local(), p.labels))
	case 3:
		p.line("local.get %s i32.const 1 i32.and if $l%d", p.local(), p.labels)
		p.labels++
		p.statements()
		p.line("else")
		p.statements()
		p.labels--
		p.line("end")
	case 4:
		p.line("loop $l%d", p.labels)
		p.inner(fmt.Sprintf("local.get $n i32.const 1 i32.add local.tee $n i32.const %d i32.lt_u br_if $l%d", 2+p.IntN(6), p.labels))
	case 5:
		p.line("local.get $a local.get %s i32.const 7 i32.and i32.eqz br_if %d drop", p.local(), p.labels) // to the function
	case 6:
		if p.labels > 0 {
			p.line("block local.get $a local.get %s i32.const 3 i32.and br_table %d %d end", p.local(), p.labels+1, p.labels+1)
			p.line("unreachable")
		}
	case 7:
		p.line("memory.size $m%d i64.extend_i32_u", p.mem())
		p.mix()
	case 8:
		if m := p.mem(); p.grow[m] {
			p.line("i32.const %d memory.grow $m%d i64.extend_i32_u", p.delta(), m)
			p.mix()
		}
	case 9:
		p.line("%s i32.const %d %s memory.fill $m%d", p.address(), p.IntN(256), p.length(), p.mem())
	case 10:
		p.line("%s %s %s memory.copy $m%d $m%d", p.address(), p.address(), p.length(), p.mem(), p.mem())
	case 11:
		p.line("%s i32.const %d i32.const %d memory.init $m%d $d", p.address(), p.IntN(70), p.IntN(70), p.mem())
	case 12:
		p.line("%s", p.call())
		p.mix()
	default:
		p.access()
	}
}

// counted generates a loop that counts down, with accesses at addresses that increase, as adapters have.
func (p *program) counted() {
	a, b := "$p", p.one("$q", "$r")
	if p.IntN(2) == 0 {
		p.line("%s local.set $p", p.address())
	}
	p.line("i32.const %d local.set $n", []int{1, 2, 7, 1000, 70000}[p.IntN(5)])
	p.line("loop $l%d", p.labels)
	for range 1 + p.IntN(3) {
		p.at("local.get " + p.one(a, b))
	}
	p.line("local.get %[1]s i32.const %[2]d i32.add local.set %[1]s", a, 1+p.IntN(20))
	if p.IntN(2) == 0 {
		p.at("local.get " + p.one(a, b))
	}
	p.line("local.get %[1]s i32.const %[2]d i32.add local.set %[1]s", b, 1+p.IntN(20))
	p.line("local.get $n i32.const 1 i32.sub local.tee $n br_if $l%d end", p.labels)
}

// inner generates the content of a block that is already open, and its end.
func (p *program) inner(last string) {
	p.labels++
	p.statements()
	p.line("%s", last)
	p.statements()
	p.labels--
	p.line("end")
}

// delta returns a number of pages by which a memory can grow in both forms, or in none.
func (p *program) delta() int32 {
	if e := p.edge(); p.IntN(4) == 0 && e > 1<<16 {
		return int32(e)
	}
	if p.IntN(4) == 0 {
		return int32(12 + p.IntN(12)) // more than the room that there may be
	}
	return int32(p.IntN(3))
}

// address returns an i32 expression: a local, a sum, a constant, or an assigned local.
func (p *program) address() string {
	switch p.IntN(6) {
	case 0:
		return fmt.Sprintf("i32.const %d", int32(p.edge()))
	case 1:
		return fmt.Sprintf("local.get %s i32.const %d i32.add", p.local(), int32(p.edge()))
	case 2:
		l := p.local()
		return fmt.Sprintf("local.get %s i32.const %d i32.add local.tee %s", l, p.IntN(5), l)
	}
	return "local.get " + p.local()
}

// length returns the length of a range.
func (p *program) length() string {
	if p.IntN(3) == 0 {
		return fmt.Sprintf("i32.const %d", int32(p.edge()))
	}
	return fmt.Sprintf("i32.const %d", p.IntN(100))
}

// call returns an i64 expression that calls the host, which may call back, or a later function.
func (p *program) call() string {
	if p.IntN(2) == 0 || p.fn+1 == numFuncs {
		return fmt.Sprintf("local.get %s i32.const %d call $host i64.extend_i32_u", p.local(), p.IntN(1000))
	}
	args := fmt.Sprintf("%s %s %s local.get $a", p.address(), p.address(), p.address())
	if to := p.fn + 1 + p.IntN(numFuncs-p.fn-1); p.IntN(2) == 0 {
		return fmt.Sprintf("%s i32.const %d call_indirect (type $t)", args, to)
	} else {
		return fmt.Sprintf("%s call $f%d", args, to)
	}
}

// access generates a load or store, sometimes with a call between address and value.
func (p *program) access() { p.at(p.address()) }

// at generates a load or store at an address.
func (p *program) at(address string) {
	o := p.accesses[p.IntN(len(p.accesses))]
	in := o.Get()
	lane := ""
	if in.Imm == op.MemargLane {
		lane = fmt.Sprintf(" %d", p.IntN(int(in.Lanes)))
	}
	values := map[byte]string{
		'i': "local.get $a i32.wrap_i64", 'l': "local.get $a", 'f': "local.get $a i32.wrap_i64 f32.reinterpret_i32",
		'd': "local.get $a f64.reinterpret_i64", 'v': "local.get $a i64x2.splat",
	}
	value := ""
	if len(in.Params) > 1 {
		value = " " + values[in.Params[1]]
		if p.IntN(4) == 0 && in.Params[1] == 'l' {
			value = " " + p.call()
		}
	}
	p.line("%s%s %s $m%d offset=%d%s", address, value, in.Name, p.mem(), p.offset(), lane)
	if len(in.Results) == 0 {
		return
	}
	p.line("%s", map[string]string{
		"i": "i64.extend_i32_u", "l": "", "f": "i32.reinterpret_f32 i64.extend_i32_u", "d": "i64.reinterpret_f64",
		"v": "i64x2.extract_lane 1",
	}[in.Results])
	p.mix()
}

// dump generates a function that returns a hash of a memory's size and content.
func (p *program) dump(i int) {
	step := 8
	if p.mins[i] > 10 {
		step = 8 * 997
	}
	p.line(`(func (export "dump%[1]d") (result i64) (local $p i32) (local $a i64) (local $end i32)
memory.size $m%[1]d local.tee $end i64.extend_i32_u local.set $a
local.get $end i32.const 16 i32.shl local.set $end
block $done loop $next
local.get $p local.get $end i32.ge_u br_if $done
local.get $a i64.const 0x100000001b3 i64.mul local.get $p i64.load $m%[1]d i64.xor local.set $a
local.get $p i32.const %[2]d i32.add local.set $p
br $next end end
local.get $a)`, i, step)
}
