package fusecore_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// embedder is a host of the module of testdata/cases/module-embed.wat, as MODULE.md describes it, without a component.
type embedder struct {
	t     *testing.T
	in    *wasmtime.CoreInstance
	abi   fusecore.ABI
	table map[uint64]handle
	// closed has the representations of the sinks whose life has ended.
	closed []uint64
	// during is called by the host's functions.
	during func()
}

// handle is an entry of the table.
type handle struct {
	typ string
	rep uint64
	own bool
}

// name returns a name in the embedder's ABI, given as in WIT names.
func (e *embedder) name(wit string) string {
	if e.abi == fusecore.WITNames {
		return wit
	}
	module, item, _ := strings.Cut(wit, "#")
	switch {
	case strings.HasPrefix(wit, "cabi_post_"):
		return e.name(strings.TrimPrefix(wit, "cabi_post_")) + "_post"
	case !strings.Contains(wit, "#"):
		return map[string]string{"memory": "cm32p2_memory", "cabi_realloc": "cm32p2_realloc", "_initialize": "cm32p2_initialize"}[wit]
	case strings.HasPrefix(item, "[dtor]"):
		return "cm32p2|" + module + "|" + strings.TrimPrefix(item, "[dtor]") + "_dtor"
	}
	return "cm32p2|" + module + "|" + item
}

// importName is name for imports.
func (e *embedder) importName(wit string) string {
	if e.abi == fusecore.WITNames {
		return wit
	}
	module, item, _ := strings.Cut(wit, "#")
	if m, ok := strings.CutPrefix(module, "[export]"); ok {
		module = "_ex_" + m
	}
	if op, r, ok := strings.Cut(item, "]"); ok {
		item = r + "_" + strings.TrimPrefix(op, "[resource-")
	}
	return "cm32p2|" + module + "#" + item
}

const (
	counters = "t:m/counters"
	app      = "t:m/app"
	sinks    = "t:m/sinks"
)

// embed instantiates the module and, if asked, initialises it.
func embed(t *testing.T, abi fusecore.ABI, initialise bool) *embedder {
	t.Helper()
	wasm := wasmOf(t, fuseWith(fusecore.FuseOptions{Emit: fusecore.EmitModule, ABI: abi}), cases.subject(t, "module-embed").in)
	e := &embedder{t: t, abi: abi, table: map[uint64]handle{}, during: func() {}}
	imports := map[string]wasmtime.CoreFunc{}
	for name, fn := range map[string]wasmtime.CoreFunc{
		sinks + "#open": func(a []uint64) ([]uint64, error) {
			if s := e.text(a[0], a[1]); s != "x" {
				return nil, fmt.Errorf("open %q", s)
			}
			return []uint64{e.add(handle{sinks, 40, true})}, nil
		},
		sinks + "#write": func(a []uint64) ([]uint64, error) {
			e.during()
			if s := e.text(a[1], a[2]); s != "counter" {
				return nil, fmt.Errorf("write %q", s)
			}
			h, err := e.look(a[0], sinks)
			return []uint64{h.rep}, err
		},
		sinks + "#[resource-drop]sink": func(a []uint64) ([]uint64, error) {
			h, err := e.remove(a[0], sinks)
			if h.own {
				e.closed = append(e.closed, h.rep)
			}
			return nil, err
		},
		"[export]" + counters + "#[resource-new]counter": func(a []uint64) ([]uint64, error) {
			return []uint64{e.add(handle{counters, a[0], true})}, nil
		},
		"[export]" + counters + "#[resource-rep]counter": func(a []uint64) ([]uint64, error) {
			h, err := e.look(a[0], counters)
			return []uint64{h.rep}, err
		},
		"[export]" + counters + "#[resource-drop]counter": func(a []uint64) ([]uint64, error) {
			h, err := e.remove(a[0], counters)
			if err == nil && h.own {
				_, err = e.in.Call(e.name(counters+"#[dtor]counter"), h.rep)
			}
			return nil, err
		},
	} {
		imports[e.importName(name)] = fn
	}
	eng := wasmtime.New(wasmtime.Options{})
	t.Cleanup(eng.Close)
	var err error
	if e.in, err = eng.LoadCore(wasm, imports); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.in.Close)
	if initialise {
		e.call("_initialize")
	}
	return e
}

// add adds an entry to the table: from 1 on, below those that were removed.
func (e *embedder) add(h handle) (i uint64) {
	for i = 1; e.table[i] != (handle{}); i++ {
	}
	e.table[i] = h
	return i
}

func (e *embedder) look(i uint64, typ string) (handle, error) {
	h := e.table[i]
	if h.typ != typ {
		return h, fmt.Errorf("%d is no handle of %s", i, typ)
	}
	return h, nil
}

func (e *embedder) remove(i uint64, typ string) (handle, error) {
	h, err := e.look(i, typ)
	delete(e.table, i)
	return h, err
}

// take removes the entry of a handle that the module has given away, and returns its representation.
func (e *embedder) take(i uint64, typ string) uint64 {
	e.t.Helper()
	h, err := e.remove(i, typ)
	if err != nil || !h.own {
		e.t.Fatalf("the module gave the handle %d, %+v: %v", i, h, err)
	}
	return h.rep
}

func (e *embedder) text(at, n uint64) string {
	m, err := e.in.Memory(e.name("memory"))
	if err != nil {
		e.t.Fatal(err)
	}
	return string(m[at : at+n])
}

func (e *embedder) word(at uint64) uint64 {
	return uint64(binary.LittleEndian.Uint32([]byte(e.text(at, 4))))
}

// lower stores a string in the module's memory.
func (e *embedder) lower(s string) (at, n uint64) {
	at = e.call("cabi_realloc", 0, 0, 1, uint64(len(s)))[0]
	m, _ := e.in.Memory(e.name("memory"))
	copy(m[at:], s)
	return at, uint64(len(s))
}

// call calls an export.
func (e *embedder) call(name string, args ...uint64) []uint64 {
	e.t.Helper()
	out, err := e.in.Call(e.name(name), args...)
	if err != nil {
		e.t.Fatalf("%s%v: %v", name, args, err)
	}
	return out
}

// want calls an export with one result.
func (e *embedder) want(result uint64, name string, args ...uint64) {
	e.t.Helper()
	if out := e.call(name, args...); !slices.Equal(out, []uint64{result}) {
		e.t.Errorf("%s%v: %v, want %d", name, args, out, result)
	}
}

// traps calls an export that must trap in the function of a rule.
func (e *embedder) traps(rule, name string, args ...uint64) {
	e.t.Helper()
	out, err := e.in.Call(e.name(name), args...)
	var trap *wasmtime.Trap
	if !errors.As(err, &trap) || trap.Function != "trap: "+rule {
		e.t.Errorf("%s%v: %v, %v, want a trap in %q", name, args, out, err, rule)
	}
}

const cannotEnter = "cannot enter component instance"

// TestEmbedder runs a module without a component around it, with resources of guests and of the host.
func TestEmbedder(t *testing.T) {
	for _, abi := range []fusecore.ABI{fusecore.WITNames, fusecore.CM32P2} {
		t.Run(fmt.Sprint(abi), func(t *testing.T) {
			e := embed(t, abi, true)
			// The host makes a counter, borrows it, and reads a string.
			rep := e.take(e.call(counters+"#make", 5)[0], counters)
			e.want(7, counters+"#add", rep, 2)
			area := e.call(counters+"#label", rep)[0]
			if s := e.text(e.word(area), e.word(area+4)); s != "counter" {
				t.Errorf("label %q", s)
			}
			e.call("cabi_post_"+counters+"#label", area)
			// Another component makes one.
			area = e.call(app+"#pair", 30)[0]
			other, s := e.take(e.word(area), counters), e.text(e.word(area+4), e.word(area+8))
			if s != "counter" {
				t.Errorf("pair %q", s)
			}
			e.call("cabi_post_"+app+"#pair", area)
			// It borrows a handle of a type that it does not implement, by the representation that the module knows.
			e.want(31, app+"#next", other)
			// The host drops one.
			e.want(0, counters+"#dropped")
			e.call(counters+"#[dtor]counter", rep)
			e.want(7, counters+"#dropped")
			// A sink passes through the module, and is lent.
			at, n := e.lower("x")
			sink := e.take(e.call(counters+"#open", at, n)[0], sinks)
			lent := e.add(handle{sinks, sink, false})
			e.want(40+31, counters+"#report", other, lent)
			if len(e.table) > 0 {
				t.Errorf("the module has kept handles: %v", e.table)
			}
			// The module takes both.
			e.want(31, counters+"#absorb", e.add(handle{counters, other, true}), e.add(handle{sinks, sink, true}))
			e.want(31, counters+"#dropped")
			if len(e.table) > 0 || !slices.Equal(e.closed, []uint64{40}) {
				t.Errorf("handles %v, ended sinks %v", e.table, e.closed)
			}
		})
	}
}

// TestEmbedderOrder checks that a module only runs when the host may call it.
func TestEmbedderOrder(t *testing.T) {
	e := embed(t, fusecore.WITNames, false)
	e.traps(cannotEnter, counters+"#dropped")
	e.call("_initialize")
	e.want(0, counters+"#dropped")
	e.traps(cannotEnter, "_initialize")
	e.want(0, counters+"#dropped")

	// A result is the module's until its post-return function has been called.
	rep := e.take(e.call(counters+"#make", 1)[0], counters)
	area := e.call(counters+"#label", rep)[0]
	e.traps(cannotEnter, counters+"#dropped")
	e.traps(cannotEnter, counters+"#[dtor]counter", rep)
	e.call("cabi_post_"+counters+"#label", area)
	e.traps(cannotEnter, "cabi_post_"+counters+"#label", area)
	e.want(0, counters+"#dropped")

	// A host function may not call the module.
	calls := 0
	e.during = func() {
		calls++
		e.traps(cannotEnter, counters+"#dropped")
		e.traps(cannotEnter, counters+"#[dtor]counter", rep)
		e.traps(cannotEnter, "cabi_post_"+counters+"#label", area)
	}
	e.want(41, counters+"#report", rep, e.add(handle{sinks, 40, false}))
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}

	// Nothing runs after a trap, also one of the host's.
	e.during = func() {}
	if _, err := e.in.Call(counters+"#report", rep, 77); err == nil {
		t.Error("a handle that does not exist was accepted")
	}
	for _, name := range []string{"cabi_post_" + counters + "#label", counters + "#[dtor]counter"} {
		e.traps(cannotEnter, name, rep)
	}
	e.traps(cannotEnter, "_initialize")
	e.traps(cannotEnter, counters+"#dropped")
}

// TestEmbedderMemory checks that the host memory does not grow by calls, whichever way their values take.
func TestEmbedderMemory(t *testing.T) {
	e := embed(t, fusecore.WITNames, true)
	size := func() int {
		m, err := e.in.Memory("memory")
		if err != nil {
			t.Fatal(err)
		}
		return len(m)
	}
	before, rep := size(), e.take(e.call(counters+"#make", 1)[0], counters)
	for range 5000 {
		area := e.call(counters+"#label", rep)[0]
		e.call("cabi_post_"+counters+"#label", area)
		at, n := e.lower("x")
		e.take(e.call(counters+"#open", at, n)[0], sinks)
		e.lower("never passed")
		e.call(counters+"#report", rep, e.add(handle{sinks, 40, false}))
	}
	if after := size(); after != before {
		t.Errorf("%d bytes, %d before", after, before)
	}
}

// TestReExported has the host call its own functions through a module that exports them again, and checks that their values
// arrive, and leave nothing in the host memory.
func TestReExported(t *testing.T) {
	wasm := wasmOf(t, fuseWith(fusecore.FuseOptions{Emit: fusecore.EmitModule}), cases.subject(t, "module-reexport").in)
	e := &embedder{t: t}
	store := func(at uint64, words ...uint64) {
		m, err := e.in.Memory("memory")
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range words {
			binary.LittleEndian.PutUint32(m[at+4*uint64(i):], uint32(w))
		}
	}
	eng := wasmtime.New(wasmtime.Options{})
	t.Cleanup(eng.Close)
	var err error
	e.in, err = eng.LoadCore(wasm, map[string]wasmtime.CoreFunc{
		"$root#f": func(a []uint64) ([]uint64, error) { // s + s
			at, n := e.lower(e.text(a[0], a[1]) + e.text(a[0], a[1]))
			store(a[2], at, n)
			return nil, nil
		},
		"test:h/i#g": func(a []uint64) ([]uint64, error) { // the list, and n + 1
			at := e.call("cabi_realloc", 0, 0, 2, 2*a[1])[0]
			m, _ := e.in.Memory("memory")
			copy(m[at:], m[a[0]:a[0]+2*a[1]])
			store(a[3], at, a[1], (a[2]+1)&0xffffffff, (a[2]+1)>>32)
			return nil, nil
		},
		"test:h/k#make": func(a []uint64) ([]uint64, error) { return []uint64{a[0] + 1}, nil },
		"test:h/k#take": func(a []uint64) ([]uint64, error) { return []uint64{100*e.word(a[0]) + e.word(a[0]+4) + a[1]}, nil },
		"test:h/i#h":    func(a []uint64) ([]uint64, error) { return []uint64{a[0] & 1}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.in.Close)
	e.call("_initialize")
	var first uint64
	for i := range 3 {
		for _, name := range []string{"again", "twice"} {
			at, n := e.lower("añb")
			if i == 0 && name == "again" {
				first = at
			} else if name == "again" && at != first {
				t.Errorf("allocated at %d, first at %d", at, first)
			}
			area := e.call(name, at, n)[0]
			if got := e.text(e.word(area), e.word(area+4)); got != "añbañb" {
				t.Errorf("%s: %q", name, got)
			}
			e.call("cabi_post_"+name, area)
		}
		at, _ := e.lower("\x01\x00\x02\x03")
		area := e.call("test:h/j#g", at, 2, 1<<32-1)[0]
		if list := e.text(e.word(area), 2*e.word(area+4)); list != "\x01\x00\x02\x03" || e.word(area+8) != 0 || e.word(area+12) != 1 {
			t.Errorf("g: %q, %d, %d", list, e.word(area+8), e.word(area+12))
		}
		e.call("cabi_post_test:h/j#g", area)
		e.want(1, "test:h/j#h", 'A')
		// The handles are entries of the host's table, with numbers that this host makes up.
		e.want(8, "test:h/l#make", 7)
		at, _ = e.lower("\x05\x00\x00\x00\x06\x00\x00\x00")
		e.want(508, "test:h/l#take", at, 2)
	}
}

// TestEmbedderRealloc checks that a guest's own realloc runs only for values that are lowered, and that nothing runs after it
// has trapped.
func TestEmbedderRealloc(t *testing.T) {
	wasm := wasmOf(t, fuseWith(fusecore.FuseOptions{Emit: fusecore.EmitModule}), cases.subject(t, "module-realloc").in)
	eng := wasmtime.New(wasmtime.Options{})
	t.Cleanup(eng.Close)
	e := &embedder{t: t}
	const run, realloc = "run", "cabi_realloc"
	during := func() {}
	begin := func() {
		var err error
		e.in, err = eng.LoadCore(wasm, map[string]wasmtime.CoreFunc{"$root#log": func(a []uint64) ([]uint64, error) {
			during()
			at, err := e.in.Call(realloc, 0, 0, 1, 3)
			if err != nil {
				return nil, err
			}
			m, err := e.in.Memory("memory")
			copy(m[at[0]:], "xyz")
			binary.LittleEndian.PutUint32(m[a[2]:], uint32(at[0]))
			binary.LittleEndian.PutUint32(m[a[2]+4:], 3)
			return nil, err
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.in.Close)
		e.traps(cannotEnter, realloc, 0, 0, 1, 1)
		e.call("_initialize")
	}
	dead := func() {
		t.Helper()
		e.traps(cannotEnter, run, 0, 0)
		e.traps(cannotEnter, realloc, 0, 0, 1, 1)
	}
	begin()
	for range 2 {
		area := e.call(run, 0, 0)[0]
		if s := e.text(e.word(area), e.word(area+4)); s != "xyz" {
			t.Errorf("%q", s)
		}
	}
	if _, err := e.in.Call(realloc, 0, 0, 1, 13); err == nil {
		t.Error("realloc has not trapped")
	}
	dead()

	begin()
	during = func() {
		if _, err := e.in.Call(realloc, 0, 0, 1, 13); err == nil {
			t.Error("realloc has not trapped")
		}
		dead()
	}
	if _, err := e.in.Call(run, 0, 0); err == nil {
		t.Error("run has not trapped")
	}
	dead()
}
