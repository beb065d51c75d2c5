package fusecore_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/extract"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestWasmOpt plays all scripts with outputs whose fused modules binaryen's wasm-opt has optimised, in several levels, and
// with bare modules. FUSE_WASM_OPT is the program; see tools/guests/get-binaryen.sh. Without it,
// modules are only handed out and taken back as they are.
func TestWasmOpt(t *testing.T) {
	tool := os.Getenv("FUSE_WASM_OPT")
	if tool == "" {
		unchanged(t)
		return
	}
	made := 0
	play := func(name string, flags []string, f form, again func([]byte) ([]byte, error)) {
		for _, c := range []collection{cases, async, resources, examples, asyncExamples} {
			for _, s := range c.load(t) {
				if s.Part || s.Refused+s.Kept != "" {
					continue
				}
				for _, g := range s.Graphs {
					t.Run(name+strings.Join(flags, "")+"/"+c.name+"/"+g.Name, func(t *testing.T) {
						out, err := f(c.inputs(t, g, s.Plugs))
						if err != nil {
							return // TestForms knows which do not have a form
						}
						wasm, err := wasmOpt(t, out.Bytes(), tool, flags)
						if text := unread[c.name+"/"+g.Name]; text != "" && err != nil && strings.Contains(err.Error(), text) {
							return
						}
						if err != nil {
							t.Fatal(err)
						}
						if wasm == nil {
							return
						}
						if wasm, err = again(wasm); err != nil {
							t.Fatal(err)
						}
						made++
						holdForm(t, s, wasm)
					})
				}
			}
		}
	}
	asIs := func(wasm []byte) ([]byte, error) { return wasm, nil }
	for _, flags := range [][]string{{"-O2", "-g"}, {"-O4"}, {"-Oz", "-g"}} {
		play("component", flags, fuseOrKeep(fusecore.FuseOptions{}), asIs)
	}
	play("module", []string{"-O2"}, fuseOrKeep(fusecore.FuseOptions{Emit: fusecore.EmitModule, Memory: fusecore.SingleMemory}), newComponent)
	if t.Logf("%d outputs were optimised and played", made); made < 100 && !filtered() {
		t.Errorf("only %d outputs were optimised", made)
	}
}

// TestWasmOptLines checks that a trap's line is right in what wasm-opt has made of code with debug information of DWARF 4.
func TestWasmOptLines(t *testing.T) {
	tool := os.Getenv("FUSE_WASM_OPT")
	if tool == "" {
		t.Log("there is no wasm-opt, which FUSE_WASM_OPT would name: see tools/guests/get-binaryen.sh")
		return
	}
	t.Setenv("WASMTIME_BACKTRACE_DETAILS", "1")
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	for _, level := range []string{"-O1", "-O2", "-O4", "-Oz"} {
		r, err := fusecore.Fuse(t.Context(), debugGraph(t, "lib-rust.wasm"), fusecore.FuseOptions{DWARF: fusecore.KeepDWARF})
		if err != nil {
			t.Fatal(err)
		}
		wasm, err := wasmOpt(t, r.Bytes(), tool, []string{level, "-g"})
		if err != nil {
			t.Fatal(err)
		}
		in, err := e.Load(wasm)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range []string{"direct(5)", "listed(5)"} {
			_, err := in.Invoke(call)
			if lines := sourceLine.FindStringSubmatch(fmt.Sprint(err)); len(lines) != 2 || lines[1] != "lib.rs:6" {
				t.Errorf("%s, %s: the first line is %q, want lib.rs:6: %v", level, call, lines, err)
			}
			in.Close()
			if in, err = e.Load(wasm); err != nil {
				t.Fatal(err)
			}
		}
		in.Close()
	}
}

// unchanged checks that modules that come back as they were make the same outputs, also where there are several.
func unchanged(t *testing.T) {
	several := 0
	for _, c := range []collection{resources, examples, asyncExamples} {
		for _, s := range c.subjects(t) {
			out, err := fuseOrKeep(fusecore.FuseOptions{})(s.in)
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			modules := 0
			again, err := replaceFused(t, out.Bytes(), func(core []byte) ([]byte, error) {
				modules++
				return core, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if modules > 1 {
				several++
			}
			if modules == 0 {
				t.Errorf("%s: no core module is fused", s.name)
			} else if !bytes.Equal(again, out.Bytes()) {
				t.Errorf("%s: %d bytes have become others, %d", s.name, len(out.Bytes()), len(again))
			}
		}
	}
	if several == 0 && chosenForm() == nil {
		t.Error("no output has several fused core modules")
	}
}

// unread are graphs whose modules binaryen 131 cannot read, with its messages: it requires that memories between which bytes are
// copied have addresses of one size.
var unread = map[string]string{
	"cases/inst-memories": "addressType",
	"cases/mem64":         "addressType",
}

// wasmOpt returns an output with its fused modules optimised, or nil if it has none. The error is wasm-opt's.
func wasmOpt(t *testing.T, wasm []byte, tool string, flags []string) ([]byte, error) {
	t.Helper()
	return replaceFused(t, wasm, func(core []byte) ([]byte, error) {
		dir := t.TempDir()
		from, to := filepath.Join(dir, "in"), filepath.Join(dir, "out")
		if err := os.WriteFile(from, core, 0o600); err != nil {
			t.Fatal(err)
		}
		if said, err := exec.Command(tool, append(slices.Clone(flags), from, "-o", to)...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%v: %w\n%s", flags, err, said)
		}
		return readFile(t, to), nil
	})
}

// replaceFused returns an output with each of its fused modules replaced by another, or nil if it has none. The error is that
// of another.
func replaceFused(t *testing.T, wasm []byte, another func(core []byte) ([]byte, error)) ([]byte, error) {
	t.Helper()
	file := extract.File{Name: "output", Bytes: wasm}
	all, err := extract.Modules(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	with := map[int]extract.File{}
	for i := range all {
		if !all[i].Fused {
			continue
		}
		var core bytes.Buffer
		if _, err := all[i].WriteTo(&core); err != nil {
			t.Fatal(err)
		}
		out, err := another(core.Bytes())
		if err != nil {
			return nil, err
		}
		with[i] = extract.File{Name: "core module", Bytes: out}
	}
	if len(with) == 0 {
		return nil, nil
	}
	out, err := extract.Replace(t.Context(), file, with)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), nil
}
