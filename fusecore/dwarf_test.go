package fusecore_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/sections"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// debugGraph returns components of testdata/dwarf, which have debug information: app with a library.
func debugGraph(t *testing.T, library string) fusecore.Graph {
	read := func(name string) fusecore.Input {
		return fusecore.Input{Name: name, Bytes: readFile(t, "testdata/dwarf/"+name)}
	}
	return fusecore.Graph{Root: read("app.wasm"), Deps: []fusecore.Input{read(library)}}
}

// sourceLine matches a place in a source in a backtrace.
var sourceLine = regexp.MustCompile(`at /debug/(\w+\.(?:c|rs):\d+)`)

// TestBacktraceLines checks that the backtrace of a trap in a fused guest names lines of the sources, in every form of output
// and with every level of optimising. Where a function was inlined into another, its caller's line may be missing.
func TestBacktraceLines(t *testing.T) {
	t.Setenv("WASMTIME_BACKTRACE_DETAILS", "1")
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	forms := append([]*outputForm{{"component", fusecore.EmitComponent, fusecore.MultiMemory, fusecore.WITNames}}, outputForms...)
	for _, f := range forms {
		if f.abi == fusecore.CM32P2 {
			continue // whose lines are those of "module"
		}
		for _, optimize := range []fusecore.Optimize{fusecore.OptimizeSpeed, fusecore.OptimizeSize, fusecore.OptimizeNone} {
			for _, c := range []struct{ library, call, lines string }{
				{"lib.wasm", "direct(5)", "lib.c:5 lib.c:9 app.c:11"},
				{"lib.wasm", "listed(5)", "lib.c:5 lib.c:16 app.c:18"},
				{"lib-rust.wasm", "direct(5)", "lib.rs:6 lib.rs:10 lib.rs:15 app.c:11"},
				{"lib-rust.wasm", "listed(5)", "lib.rs:6 lib.rs:10 lib.rs:21 lib.rs:21 app.c:18"},
			} {
				t.Run(fmt.Sprint(f.name, optimize, c.library, c.call), func(t *testing.T) {
					r, err := f.with(fusecore.FuseOptions{Optimize: optimize, DWARF: fusecore.KeepDWARF})(debugGraph(t, c.library))
					if err != nil || len(r.Warnings) > 0 {
						t.Fatal(err, r.Warnings)
					}
					in, err := e.Load(r.Bytes())
					if err != nil {
						t.Fatal(err)
					}
					defer in.Close()
					_, err = in.Invoke(c.call)
					var trap *runner.Trap
					if !errors.As(err, &trap) {
						t.Fatalf("no trap: %v", err)
					}
					var lines []string
					for _, m := range sourceLine.FindAllStringSubmatch(trap.Message, -1) {
						lines = append(lines, m[1])
					}
					all := strings.Fields(c.lines)
					first := all[0]
					if optimize == fusecore.OptimizeNone && strings.Join(lines, " ") != c.lines {
						t.Errorf("the lines are %q, want %q:\n%s", lines, all, trap.Message)
					}
					// Those of optimised code are some of them, in order, and begin with the trap's.
					for len(all) > 0 && len(lines) > 0 {
						if all[0] == lines[0] {
							lines = lines[1:]
						}
						all = all[1:]
					}
					if len(lines) > 0 || !strings.Contains(trap.Message, first) {
						t.Errorf("the lines are not all of %s:\n%s", c.lines, trap.Message)
					}
				})
			}
		}
	}
}

// TestKeepDWARF checks that debug information changes nothing else in an output, and is none without an input's.
func TestKeepDWARF(t *testing.T) {
	all := map[string]fusecore.Graph{"debug": debugGraph(t, "lib.wasm")}
	for _, s := range examples.subjects(t) {
		all[s.name] = s.in
	}
	for name, g := range all {
		for _, f := range []*outputForm{{name: "component"}, {"module-single", fusecore.EmitModule, fusecore.SingleMemory, fusecore.WITNames}} {
			o := f.options(fusecore.FuseOptions{})
			plain, err := fusecore.Fuse(t.Context(), g, o)
			if err != nil {
				continue // there is no such form of it
			}
			o.DWARF = fusecore.KeepDWARF
			kept, err := fusecore.Fuse(t.Context(), g, o)
			if err != nil {
				t.Errorf("%s, %s: %v", name, f.name, err)
				continue
			}
			without, found := withoutDWARF(t, kept.Bytes())
			if !bytes.Equal(without, withoutSizes(t, plain.Bytes())) || found != (name == "debug") {
				t.Errorf("%s, %s: the output with debug information (%v) has other parts that differ", name, f.name, found)
			}
		}
	}
}

// withoutDWARF returns a module or component without debug sections and without the lengths of what contains others, and
// whether there were any.
func withoutDWARF(t *testing.T, b []byte) (out []byte, found bool) {
	f, ok := sections.Read(b)
	if !ok {
		t.Fatal("not a list of sections")
	}
	out = append(out, f.Preamble...)
	for i := range f.Sections {
		s := &f.Sections[i]
		name, _, _ := s.Custom()
		switch {
		case strings.HasPrefix(name, ".debug_"):
			found = true
		case f.Contains(s):
			inner, has := withoutDWARF(t, s.Content)
			out, found = append(out, inner...), found || has
		default:
			out = append(out, s.Bytes...)
		}
	}
	return out, found
}

func withoutSizes(t *testing.T, b []byte) []byte {
	out, found := withoutDWARF(t, b)
	if found {
		t.Error("there is debug information, and it was not to be kept")
	}
	return out
}

// TestForeignDebugInfo checks the warnings about debug information that cannot be kept.
func TestForeignDebugInfo(t *testing.T) {
	for _, c := range []struct{ name, section, content, want string }{
		{"elsewhere", "external_debug_info", "\x05a.dbg", "lib.wasm: component root/lib/lib.core.wasm: section external_debug_info: it says in which file"},
		{"source map", "sourceMappingURL", "\x05a.map", "section sourceMappingURL: it says in which file"},
		{"twice", ".debug_str", "x", "lib.wasm: component root/lib/lib.core.wasm: its debug information is left out: there are two sections .debug_str"},
		{"malformed", ".debug_types", "xxxxxxxx", "its debug information is left out: section .debug_types, offset 0x4: "},
	} {
		g := debugGraph(t, "lib.wasm")
		g.Deps[0].Bytes = addToCore(t, g.Deps[0].Bytes, c.section, c.content)
		plain, err := fusecore.Fuse(t.Context(), g, fusecore.FuseOptions{})
		if err != nil || len(plain.Warnings) != 0 {
			t.Errorf("%s: %v, %v", c.name, err, plain.Warnings)
		}
		r, err := fusecore.Fuse(t.Context(), g, fusecore.FuseOptions{DWARF: fusecore.KeepDWARF})
		if err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Error(), c.want) {
			t.Errorf("%s: %v, the warnings are %v, want %s", c.name, err, r.Warnings, c.want)
			continue
		}
		if !bytes.Contains(r.Bytes(), []byte("app.c")) {
			t.Errorf("%s: the other component's debug information is left out, too", c.name)
		}
	}
}

// addToCore adds a custom section to the largest core module of a component.
func addToCore(t *testing.T, b []byte, name, content string) []byte {
	f, ok := sections.Read(b)
	if !ok {
		t.Fatal("not a component")
	}
	largest := 0
	for i := range f.Sections {
		if s := &f.Sections[i]; f.Contains(s) && len(s.Content) > len(f.Sections[largest].Content) {
			largest = i
		}
	}
	out := bytes.Clone(f.Preamble)
	for i := range f.Sections {
		s := &f.Sections[i]
		if i != largest {
			out = append(out, s.Bytes...)
			continue
		}
		inner := sections.AppendCustom(bytes.Clone(s.Content), name, []byte(content))
		n := len(inner)
		out = append(out, s.ID, byte(n)|0x80, byte(n>>7)|0x80, byte(n>>14)|0x80, byte(n>>21)|0x80, byte(n>>28))
		out = append(out, inner...)
	}
	return out
}
