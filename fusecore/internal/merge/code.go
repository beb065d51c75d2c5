package merge

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/remap"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// batchBytes is about how much code one unit of parallel work rewrites.
const batchBytes = 256 << 10

// batch is a run of bodies of one core instance; out is where they go.
type batch struct {
	core plan.CoreID
	from []corewasm.Body
	out  []corewasm.Body
	size int
	refs []uint32 // functions that ref.func names
	err  error
}

// code appends the bodies of all functions, with their indices rewritten, and the names. Batches are independent and
// write to places of their own, so the result does not depend on scheduling.
func (m *merger) code() error {
	total := 0
	for id := range m.g.Cores {
		if !m.g.Cores[id].Dropped {
			total += len(m.g.Cores[id].Module.Code)
		}
	}
	m.out.Code = make([]corewasm.Body, total, total+len(m.u.Funcs)+1)
	m.out.Names.Funcs = make([]string, 0, int(m.startFn)+1)
	var batches []*batch
	at := 0
	for id := range m.g.Cores {
		if m.g.Cores[id].Dropped {
			continue
		}
		bodies := m.g.Cores[id].Module.Code
		for len(bodies) > 0 {
			n, size := 0, 0
			for n < len(bodies) && size < batchBytes {
				size += len(bodies[n].Code)
				n++
			}
			batches = append(batches, &batch{core: plan.CoreID(id), from: bodies[:n], out: m.out.Code[at : at+n], size: size})
			bodies, at = bodies[n:], at+n
		}
		m.name(plan.CoreID(id))
	}
	m.run(batches)
	var refs []uint32
	for _, b := range batches {
		if b.err != nil {
			return m.in(b.core, b.err)
		}
		refs = append(refs, b.refs...)
	}
	for i := range m.fillings {
		for r := op.NewReader(m.fillings[i].value, 0); r.Next(); {
			if r.In.Op == op.RefFunc {
				refs = append(refs, r.In.Index)
			}
		}
	}
	for i, f := range m.u.Funcs {
		m.out.Code = append(m.out.Code, f.Encode(m))
		m.out.Names.SetFunc(m.synth[corewasm.ExternFunc]+uint32(i), f.Name)
	}
	m.declare(refs)
	return nil
}

func (m *merger) run(batches []*batch) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(batches)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(batches) {
					return
				}
				b := batches[i]
				b.err = b.rewrite(m.maps[b.core])
			}
		}()
	}
	wg.Wait()
}

func (b *batch) rewrite(shared *remap.Maps) error {
	mp := *shared
	mp.OnRefFunc = func(now uint32) { b.refs = append(b.refs, now) }
	buf := make([]byte, 0, b.size+b.size/8+64)
	for i := range b.from {
		locals, err := mp.Locals(&b.from[i])
		if err != nil {
			return err
		}
		start := len(buf)
		if buf, err = remap.Body(buf, &b.from[i], &mp); err != nil {
			return err
		}
		// A body before a reallocation of buf keeps the old array, which is never written again.
		b.out[i] = corewasm.Body{Locals: locals, Code: buf[start:len(buf):len(buf)], Offset: b.from[i].Offset}
	}
	return nil
}

// declare makes sure that every function which ref.func names in a body is declared outside of bodies: exports did so
// in the original modules, and they are gone.
func (m *merger) declare(refs []uint32) {
	if len(refs) == 0 {
		return
	}
	slices.Sort(refs)
	declared := map[uint32]bool{}
	for i := range m.out.Elems {
		for _, f := range m.out.Elems[i].Funcs {
			declared[f] = true
		}
		for _, x := range m.out.Elems[i].Exprs {
			declaredIn(x, declared)
		}
	}
	for i := range m.out.Globals {
		declaredIn(m.out.Globals[i].Init, declared)
	}
	var missing []uint32
	for _, f := range slices.Compact(refs) {
		if !declared[f] {
			missing = append(missing, f)
		}
	}
	if len(missing) > 0 {
		m.out.Elems = append(m.out.Elems, corewasm.Elem{
			Mode: corewasm.SegDeclarative, Type: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapFunc}, Funcs: missing,
		})
	}
}

func declaredIn(x corewasm.Expr, declared map[uint32]bool) {
	for r := op.NewReader(x.Bytes, x.Offset); r.Next(); {
		if r.In.Op == op.RefFunc {
			declared[r.In.Index] = true
		}
	}
}

// name gives the functions of a core instance their names in the output: the instance's path, a slash, and the name
// that the module's name section or exports give; where neither does, the name section stays smaller.
func (m *merger) name(id plan.CoreID) {
	ci := &m.g.Cores[id]
	exported := map[uint32]string{}
	for i := range ci.Module.Exports {
		if e := &ci.Module.Exports[i]; e.Kind == corewasm.ExternFunc && exported[e.Index] == "" {
			exported[e.Index] = e.Name
		}
	}
	base := ci.Module.NumImported(corewasm.ExternFunc)
	for i := range ci.Module.Code {
		f := base + uint32(i)
		name := ci.Module.Names.Func(f)
		if name == "" {
			name = exported[f]
		}
		if name == "" {
			continue
		}
		now := m.Sym(asm.Sym{Kind: corewasm.ExternFunc, Origin: asm.OriginGuest, Owner: int32(id), Index: f})
		m.out.Names.SetFunc(now, ci.Path+"/"+name)
	}
}
