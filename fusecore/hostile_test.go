package fusecore_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// hostileGraph returns a variant of the component of testdata/hostile.
func hostileGraph(t *testing.T, variant ...string) fusecore.Graph {
	t.Helper()
	text := string(readFile(t, "testdata/hostile/two.wat"))
	for _, v := range variant {
		text = strings.ReplaceAll(text, ";;"+v+" ", "")
	}
	wasm, err := wasmtime.Text(text)
	if err != nil {
		t.Fatal(err)
	}
	return single("hostile", wasm)
}

// Bytes that the root and the keeper of hostileGraph fill their memories with.
var (
	rootFill   = bytes.Repeat([]byte{0x52}, 16)
	keeperFill = bytes.Repeat([]byte{0x53}, 16)
)

// hostile is a host of a bare module that can do everything wrong.
type hostile struct {
	t *testing.T
	m *bareModule
	// hosted means that values pass through a memory of their own: both components call the host, or all memories are one.
	hosted bool
	b      *bare // started by fresh
	calls  int   // of the host
	// text and words are what the functions of these names store as their results, give and look what these return.
	text, words [2]uint32
	give, look  uint32
	during      func(b *bare) // runs in each of the host's functions
	gave        []byte        // the bytes that the result of text or words had in memory, or nil if outside
}

// hostiles makes a host for each form of a bare module and each variant of hostileGraph.
func hostiles(t *testing.T, run func(t *testing.T, h *hostile)) {
	for _, f := range bareForms() {
		for _, variant := range [][]string{nil, {"both"}, {"both", "grow"}} {
			t.Run(fmt.Sprintf("%s%v", f.name, variant), func(t *testing.T) {
				h := &hostile{t: t, m: f.bare(t, hostileGraph(t, variant...)), hosted: len(variant) > 0 || f.memory == fusecore.SingleMemory}
				e := wasmtime.New(wasmtime.Options{})
				t.Cleanup(e.Close)
				h.m.compile(t, e)
				defer h.close()
				run(t, h)
			})
		}
	}
}

func (h *hostile) close() {
	if h.b != nil {
		h.b.in.Close()
	}
}

// imports are the host's functions.
func (h *hostile) imports() map[coreabi.Import]bareFunc {
	const api = "test:host/api"
	out := map[coreabi.Import]bareFunc{}
	define := func(name string, f func(b *bare, args []uint64) []uint64) {
		out[h.m.abi.Func(coreabi.Item{Interface: api, Name: name})] = func(b *bare, args []uint64) ([]uint64, error) {
			h.calls++
			if h.during != nil {
				h.during(b)
			}
			return f(b, args), nil
		}
	}
	list := func(value *[2]uint32, size uint64) func(b *bare, args []uint64) []uint64 {
		return func(b *bare, args []uint64) []uint64 {
			b.put(args[0], value[:]...)
			h.gave = b.list(*value, size)
			return nil
		}
	}
	define("text", list(&h.text, 1))
	define("words", list(&h.words, 4))
	define("note", func(*bare, []uint64) []uint64 { return nil })
	define("give", func(*bare, []uint64) []uint64 { return []uint64{uint64(h.give)} })
	define("look", func(_ *bare, args []uint64) []uint64 { h.look = uint32(args[0]); return []uint64{8} })
	out[h.m.abi.Imported(coreabi.Item{Interface: api, Name: "r"})] = func(*bare, []uint64) ([]uint64, error) { return nil, nil }
	return out
}

// fresh starts another instance.
func (h *hostile) fresh() *bare {
	h.t.Helper()
	h.close()
	h.b = nil
	h.b = h.m.start(h.t, h.imports())
	return h.b
}

// check checks that an instance that can be called has changed none of the bytes that its components filled their memories
// with, or, after a trap, that nothing can be called. It starts another instance then.
func (h *hostile) check(what string, err error) {
	h.t.Helper()
	if err != nil {
		if !wasmtime.IsTrap(err) {
			h.t.Errorf("%s: %v", what, err)
		}
		h.dead(what)
		h.fresh()
		return
	}
	for _, name := range []string{"changed", "keeper-changed"} {
		if n, err := h.b.call(name); err != nil || n[0] != 0 {
			h.t.Errorf("%s: then %s: %v, %v", what, name, n, err)
			h.fresh()
		}
	}
}

// dead checks that all exported functions trap, and call nothing of the host.
func (h *hostile) dead(what string) {
	h.t.Helper()
	calls := h.calls
	for name, ft := range h.m.exports {
		if name == h.m.abi.Realloc && h.hosted {
			continue // of the host memory, which nobody else uses
		}
		if out, err := h.b.in.Call(name, make([]uint64, len(ft.Params))...); !wasmtime.IsTrap(err) {
			h.t.Errorf("%s: then %s: %v, %v, want a trap", what, name, out, err)
		}
	}
	if h.calls != calls {
		h.t.Errorf("%s: the host is called afterwards", what)
	}
}

// lies are addresses and lengths of lists in a memory of this size that the host has not allocated. The root uses the first 16
// bytes for results.
func lies(size uint64) (out [][2]uint32) {
	var places []uint64
	for at := uint64(16); at <= size+3*65536; at += 7919 {
		places = append(places, at)
	}
	for at := uint64(65536); at <= size+65536; at += 65536 {
		places = append(places, at-64, at-4, at-1, at, at+1, at+8)
	}
	places = append(places, 1<<31-1, 1<<31, 1<<32-65536, 1<<32-4, 1<<32-1)
	for _, at := range places {
		for _, n := range []uint32{0, 1, 64} {
			out = append(out, [2]uint32{uint32(at), n})
		}
	}
	for _, n := range []uint32{65537, 1<<28 - 1, 1 << 28, 1 << 30, 1 << 31, 1<<32 - 1} {
		out = append(out, [2]uint32{16, n}, [2]uint32{1<<32 - 8, n})
	}
	return out
}

// tell has the host tell every lie in calls of some functions, of which the first returns a text, and checks what each does.
func (h *hostile) tell(names []string, call func(name string, lie [2]uint32) ([]uint64, error)) {
	h.t.Helper()
	passed, trapped := 0, 0
	for _, lie := range lies(uint64(len(h.fresh().memory()))) {
		for _, name := range names {
			what := fmt.Sprintf("%s with %#x", name, lie)
			out, err := call(name, lie)
			if err == nil {
				passed++
				h.received(what, out, name == names[0])
			} else {
				trapped++
			}
			h.check(what, err)
		}
	}
	h.t.Logf("%d values, %d traps", passed, trapped)
	if passed < 50 || trapped < 100 {
		h.t.Errorf("%d values, %d traps: too few", passed, trapped)
	}
}

// TestHostileResults: what the host says a result is, is a value in the memory that it sees and not more. In a single memory
// an address that is not in that part of it traps, although the host could read there.
func TestHostileResults(t *testing.T) {
	hostiles(t, func(t *testing.T, h *hostile) {
		h.tell([]string{"fetch", "relay", "add-words"}, func(name string, lie [2]uint32) ([]uint64, error) {
			h.text, h.words = lie, lie
			return h.b.call(name)
		})
	})
}

// received checks the result of a call that has received what h.gave says.
func (h *hostile) received(what string, out []uint64, isText bool) {
	h.t.Helper()
	name, _, _ := strings.Cut(what, " ")
	post := h.m.abi.PostReturn(coreabi.Item{Name: name})
	// The address that a component receives where it shares the host's memory means nothing until it is used.
	used := h.hosted || !isText
	if used && (bytes.Contains(h.gave, keeperFill) || h.hosted && bytes.Contains(h.gave, rootFill)) {
		h.t.Errorf("%s reads the memory of a component that does not call the host", what)
	}
	switch {
	case h.gave == nil && h.hosted:
		h.t.Errorf("%s does not trap", what)
	case h.gave == nil && isText: // only the root, whose memory it is, has had the address
		h.b.must(post, out[0])
	}
	if h.gave == nil {
		return
	}
	if !isText {
		sum := uint32(0)
		for _, c := range h.gave {
			sum += uint32(c)
		}
		if uint32(out[0]) != sum {
			h.t.Errorf("%s: %d, want %d", what, out[0], sum)
		}
		return
	}
	got, err := h.b.read(out[0])
	if err != nil || got != string(h.gave) {
		h.t.Errorf("%s: %.80q, %v, want %.80q", what, got, err, h.gave)
	}
	h.b.must(post, out[0])
}

// TestHostileArguments is like TestHostileResults with arguments of the host's calls.
func TestHostileArguments(t *testing.T) {
	hostiles(t, func(t *testing.T, h *hostile) {
		h.tell([]string{"echo", "pass"}, func(name string, lie [2]uint32) ([]uint64, error) {
			h.gave = h.b.list(lie, 1)
			return h.b.call(name, uint64(lie[0]), uint64(lie[1]))
		})
	})
}

// TestHostileText: the keeper receives no string that is not UTF-8, and no component that does not share the host's memory.
func TestHostileText(t *testing.T) {
	hostiles(t, func(t *testing.T, h *hostile) {
		for _, s := range []string{"\xff", "a\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "é\xc3", strings.Repeat("a", 100) + "\xe2\x82"} {
			h.during = func(b *bare) {
				at, n := b.write(s)
				h.text = [2]uint32{uint32(at), uint32(n)}
			}
			h.fresh()
			_, err := h.b.call("relay")
			if err == nil {
				t.Errorf("relay of %q returns", s)
			}
			h.during = nil
			h.check(fmt.Sprintf("relay of %q", s), err)
			at, n := h.b.write(s)
			if _, err = h.b.call("pass", at, n); err == nil {
				t.Errorf("pass of %q returns", s)
			}
			h.check(fmt.Sprintf("pass of %q", s), err)
		}
	})
}

// TestHostileEntries: while the host is called it can call only realloc, as for its results. Other calls trap, and change
// nothing for the call that is going on.
func TestHostileEntries(t *testing.T) {
	hostiles(t, func(t *testing.T, h *hostile) {
		for _, name := range []string{"fetch", "relay", "add-words"} {
			h.fresh()
			refused := 0
			h.during = func(b *bare) {
				calls := h.calls
				for export, ft := range h.m.exports {
					if export == h.m.abi.Realloc {
						continue
					}
					if out, err := b.in.Call(export, make([]uint64, len(ft.Params))...); !wasmtime.IsTrap(err) {
						t.Errorf("%s while %s runs: %v, %v, want a trap", export, name, out, err)
					}
					refused++
				}
				if h.calls != calls {
					t.Errorf("the host is called in a call that must trap")
				}
				at, n := b.write("text")
				h.text, h.words = [2]uint32{uint32(at), uint32(n)}, [2]uint32{uint32(at), uint32(n) / 4}
			}
			out, err := h.b.call(name)
			h.during = nil
			if err != nil || refused == 0 {
				t.Errorf("%s: %v, %d calls were refused", name, err, refused)
				continue
			}
			h.received(name, out, name == "fetch")
			h.check(name, nil)
			if _, err := h.b.call("use"); err != nil {
				t.Errorf("after %s: %v", name, err)
			}
		}
	})
}

// TestHostileOrder calls exports before the module is initialised, initialises it twice, and leaves out post-return functions
// or calls them more often.
func TestHostileOrder(t *testing.T) {
	hostiles(t, func(t *testing.T, h *hostile) {
		for export, ft := range h.m.exports {
			if export == h.m.abi.Initialize {
				continue
			}
			h.close()
			h.b = h.m.instantiate(t, h.imports())
			calls := h.calls
			out, err := h.b.in.Call(export, make([]uint64, len(ft.Params))...)
			if hostMemory := export == h.m.abi.Realloc && h.hosted; !hostMemory && !wasmtime.IsTrap(err) || h.calls != calls {
				t.Errorf("%s before %s: %v, %v, want a trap", export, h.m.abi.Initialize, out, err)
			}
			h.b.must(h.m.abi.Initialize)
			h.check(export+" before the initialisation", nil)
		}
		h.fresh()
		if _, err := h.b.in.Call(h.m.abi.Initialize); !wasmtime.IsTrap(err) {
			t.Errorf("the second call of %s: %v", h.m.abi.Initialize, err)
		}
		h.check("initialised twice", nil)

		post := h.m.abi.PostReturn(coreabi.Item{Name: "echo"})
		if _, err := h.b.in.Call(post, 8); !wasmtime.IsTrap(err) {
			t.Errorf("%s without a call: %v", post, err)
		}
		h.check(post+" without a call", nil)
		echo := func(s string) (uint64, error) {
			at, n := h.b.write(s)
			out, err := h.b.call("echo", at, n)
			if err != nil {
				return 0, err
			}
			if got, err := h.b.read(out[0]); err != nil || got != s {
				t.Errorf("echo of %q: %q, %v", s, got, err)
			}
			return out[0], nil
		}
		at, err := echo("first")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.b.call("changed"); !wasmtime.IsTrap(err) {
			t.Errorf("a call before post-return: %v", err)
		}
		h.b.must(post, at)
		h.check("after post-return", nil)
		if _, err := h.b.in.Call(post, at); !wasmtime.IsTrap(err) {
			t.Errorf("post-return again: %v", err)
		}
		h.check("post-return twice", nil)
		if _, err := echo("second"); err != nil {
			t.Errorf("then: %v", err)
		}
	})
}

// TestHostileRealloc calls realloc with arguments that are no allocations.
func TestHostileRealloc(t *testing.T) {
	hostiles(t, func(t *testing.T, h *hostile) {
		h.fresh()
		odd := []uint64{0, 1, 7, 64, 65536, 70000, 262144, 1 << 20, 1<<31 - 1, 1 << 31, 1<<32 - 8, 1<<32 - 1}
		for _, old := range odd {
			for _, oldSize := range odd {
				for _, align := range []uint64{0, 1, 3, 8, 1<<32 - 1} {
					for _, size := range []uint64{0, 1, 64, 65536, 1<<32 - 1} {
						if min(oldSize, size) > 1<<20 {
							continue // would be copied
						}
						what := fmt.Sprintf("realloc(%#x, %#x, %d, %#x)", old, oldSize, align, size)
						_, err := h.b.in.Call(h.m.abi.Realloc, old, oldSize, align, size)
						if err != nil {
							if !wasmtime.IsTrap(err) {
								t.Errorf("%s: %v", what, err)
							}
							h.fresh()
							continue
						}
						if len(h.b.memory()) > 1<<26 {
							h.check(what, nil)
							h.fresh()
						}
					}
				}
			}
			h.check(fmt.Sprintf("reallocs of %#x", old), nil)
		}
	})
}

// TestHostileHandles: any number is a handle that the host gives, and it gets the same back.
func TestHostileHandles(t *testing.T) {
	hostiles(t, func(t *testing.T, h *hostile) {
		h.fresh()
		for _, n := range []uint32{0, 1, 7, 1 << 28, 1 << 31, 1<<32 - 1} {
			h.give, h.look = n, ^n
			_, err := h.b.call("use")
			if err == nil && h.look != n {
				t.Errorf("look at %d, want %d", h.look, n)
			}
			h.check(fmt.Sprintf("handle %d", n), err)
		}
	})
}
