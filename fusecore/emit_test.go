package fusecore_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretext"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
)

// emitHeader is the first line of a golden file of generated code: a graph of a collection, and a pattern of the names
// of the fused module's functions in the file. More comment lines and an empty line follow.
var emitHeader = regexp.MustCompile(`^;; (\w+)/(\S+)( without SIMD)?: (.*)`)

// numbered matches the numbers of functions, which change with everything before them. Calls keep the names.
var numbered = regexp.MustCompile(`(?m)^(func|  +(?:return_)?call|  +ref\.func) \d+ `)

// TestEmitted compares generated code, before it is optimised, with testdata/emit/*.wat.golden as text, so that changes are
// reviewed.
// UPDATE_GOLDEN=1 rewrites the part after a file's comment.
func TestEmitted(t *testing.T) {
	files, err := filepath.Glob("testdata/emit/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	collections := map[string]collection{cases.name: cases, resources.name: resources}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".wat.golden"), func(t *testing.T) {
			want := string(readFile(t, file))
			header, _, _ := strings.Cut(want, "\n\n")
			m := emitHeader.FindStringSubmatch(header)
			if m == nil || !strings.HasSuffix(file, ".wat.golden") {
				t.Fatal("the file does not say what it has")
			}
			s := collections[m[1]].subject(t, m[2])
			o := fusecore.FuseOptions{Optimize: fusecore.OptimizeNone, NoShake: true}
			if m[3] != "" {
				o.Features = fusecore.Baseline
			}
			got := strings.TrimSpace(header) + "\n\n" + emitted(t, s.in, fuseWith(o), regexp.MustCompile("^("+m[4]+")$"))
			golden.Check(t, file, got)
		})
	}
}

// emitted returns the text of the generated functions whose names match a pattern, with the owners of the memories that
// they access.
func emitted(t *testing.T, in fusecore.Graph, fuse form, pattern *regexp.Regexp) string {
	f := fuseModule(t, in, fuse)
	var b strings.Builder
	var mems []uint32
	for i := range f.m.Code {
		index := f.m.NumImported(corewasm.ExternFunc) + uint32(i)
		if f.owners[corewasm.ExternFunc][index] != private || !pattern.MatchString(f.m.Names.Func(index)) {
			continue
		}
		b.WriteString("\n" + numbered.ReplaceAllString(coretext.Func(f.m, i), "$1 "))
		r := op.NewReader(f.m.Code[i].Code, 0)
		for r.Next() {
			r.In.EachIndex(func(s op.Space, i uint32) {
				if s == op.SpaceMem {
					mems = append(mems, i)
				}
			})
		}
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	if b.Len() == 0 {
		t.Fatalf("no generated function has a name like %v", pattern)
	}
	slices.Sort(mems)
	var owners strings.Builder
	for _, mem := range slices.Compact(mems) {
		owner := "generated code"
		if o := f.owners[corewasm.ExternMem][mem]; o != private {
			owner = f.path(o)
		}
		fmt.Fprintf(&owners, "memory %d of %s\n", mem, owner)
	}
	return strings.TrimLeft(owners.String()+b.String(), "\n")
}

// TestWorkedCall checks that ARCHITECTURE.md shows the generated code of testdata/emit/worked-call.wat.golden.
func TestWorkedCall(t *testing.T) {
	_, code, _ := strings.Cut(string(readFile(t, "testdata/emit/worked-call.wat.golden")), "\n\n")
	if !strings.Contains(string(readFile(t, "ARCHITECTURE.md")), "```wasm\n"+strings.TrimSpace(code)+"\n```") {
		t.Errorf("ARCHITECTURE.md does not show this code:\n%s", code)
	}
}
