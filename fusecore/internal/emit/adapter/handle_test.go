package adapter

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// fakeHandles writes its calls to memory 0 from logBase on, as a sequence of i32: a code, then a value.
type fakeHandles struct{ next asm.Sym }

const logBase = 0x4000

var handleOps = []string{"", "lift own", "lower own", "lift borrow", "lower borrow", "open", "check", "close"}

// record logs an operation on the i32 on the stack, and increases that by add.
func (h *fakeHandles) record(f *asm.Func, what int32, inst graph.InstID, add int32) {
	mem := asm.Sym{Kind: corewasm.ExternMem, Origin: asm.OriginGuest}
	v := f.SetTemp(corewasm.I32)
	f.GlobalGet(h.next).I32Const(what|int32(inst)<<8).Mem(op.I32Store, mem, 2, 0)
	f.GlobalGet(h.next).LocalGet(v).Mem(op.I32Store, mem, 2, 4)
	f.GlobalGet(h.next).I32Const(8).Op(op.I32Add).GlobalSet(h.next)
	f.LocalGet(v).I32Const(add).Op(op.I32Add)
	f.Release(v)
}

func (h *fakeHandles) LiftOwn(f *asm.Func, inst graph.InstID, r *ctypes.Resource) {
	h.record(f, 1, inst, 1000)
}
func (h *fakeHandles) LowerOwn(f *asm.Func, inst graph.InstID, r *ctypes.Resource) {
	h.record(f, 2, inst, 10)
}

func (h *fakeHandles) frame(f *asm.Func, what int32, inst graph.InstID, fr Frame) {
	if fr.Open() {
		f.LocalGet(fr.Local)
	} else {
		f.I32Const(-1)
	}
	h.record(f, what, inst, 0)
	f.Op(op.Drop)
}

func (h *fakeHandles) LiftBorrow(f *asm.Func, inst graph.InstID, r *ctypes.Resource, fr Frame) {
	h.frame(f, 3, inst, fr)
	f.I32Const(2000).Op(op.I32Add)
}
func (h *fakeHandles) LowerBorrow(f *asm.Func, inst graph.InstID, r *ctypes.Resource, fr Frame) {
	h.frame(f, 4, inst, fr)
	f.I32Const(20).Op(op.I32Add)
}
func (h *fakeHandles) OpenFrame(f *asm.Func) {
	f.I32Const(77)
	h.record(f, 5, guest(1), 0)
}
func (h *fakeHandles) CheckReturn(f *asm.Func, fr Frame) {
	h.frame(f, 6, guest(1), fr)
}
func (h *fakeHandles) CloseFrame(f *asm.Func, fr Frame) {
	h.frame(f, 7, guest(1), fr)
}

// TestHandles checks the order in which handles move around the other parts of a call, with and without outlining.
func TestHandles(t *testing.T) {
	e := newEngine(t)
	res := &ctypes.Resource{Name: "r"}
	own, borrow := &ctypes.Type{Kind: ctypes.Own, Resource: res}, &ctypes.Type{Kind: ctypes.Borrow, Resource: res}
	for _, c := range []struct {
		name string
		plan plan.Call
		want []string
	}{
		{"neither scope nor lends", plan.Call{}, []string{"lift borrow a -1", "lower borrow b -1", "lift own a 5", "lower own b 1005", "target",
			"lift own b 9", "lower own a 1009", "post"}},
		{"scope", plan.Call{Scope: plan.Because(plan.BorrowsPassed)}, []string{"open b 77", "lift borrow a 77", "lower borrow b 77", "lift own a 5", "lower own b 1005",
			"target", "check b 77", "lift own b 9", "lower own a 1009", "post", "close b 77"}},
		{"lends", plan.Call{Lends: plan.Because(plan.OwnsPassed)}, []string{"open b 77", "lift borrow a 77", "lower borrow b 77", "lift own a 5", "lower own b 1005",
			"target", "lift own b 9", "lower own a 1009", "post", "close b 77"}},
	} {
		for _, budget := range []int{outlineBudget, -1} {
			h := &fakeHandles{}
			s := &callSpec{ft: fn(own, tupleOf(borrow, own)), plan: c.plan, handles: h, budget: budget, post: true, pages: 1}
			s.prepare = func(u *asm.Unit, g *graph.Graph) {
				h.next = u.Global(asm.Global{Name: "next", Type: corewasm.I32, Mutable: true, Init: logBase})
			}
			b := newBench(t, e, s)
			var log []string
			flush := func(what string) {
				m := &model{mem: b.memory(0)}
				for at := uint64(logBase + 8*countHandleOps(log)); at < b.global("next"); at += 8 {
					op := m.loadInt(at, 4)
					log = append(log, fmt.Sprintf("%s %s %d", handleOps[op&0xff], []string{"host", "root", "a", "b"}[op>>8], int32(m.loadInt(at+4, 4))))
				}
				if what != "" {
					log = append(log, what)
				}
			}
			b.target = func(a []uint64) []uint64 {
				if d := cmp.Diff([]uint64{3 + 2020, 5 + 1010}, a); d != "" {
					t.Errorf("%s: arguments (-want +got):\n%s", c.name, d)
				}
				flush("target")
				return []uint64{9}
			}
			b.post = func(a []uint64) {
				if a[0] != 9 {
					t.Errorf("%s: post-return has %d", c.name, a)
				}
				flush("post")
			}
			got, err := b.call(3, 5)
			if err != nil || got[0] != 9+1010 {
				t.Errorf("%s: %v, %v", c.name, got, err)
			}
			flush("")
			if d := cmp.Diff(c.want, log); d != "" {
				t.Errorf("%s, budget %d (-want +got):\n%s", c.name, budget, d)
			}
			b.in.Close()
		}
	}
}

func countHandleOps(log []string) (n int) {
	for _, l := range log {
		if strings.Contains(l, " ") {
			n++
		}
	}
	return n
}
