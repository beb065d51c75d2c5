package fusecore_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/external"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// conformanceExpected has the numbers of reference tests that must hold fused. Their folder has folders with scripts in
// JSON and their components.
const conformanceExpected = "testdata/conformance.expected"

// conformanceCrashes are commands that crash the process of an engine, also with the composition. They are not played
// there, and correspondingly fewer must hold.
var conformanceCrashes = map[string][]string{
	"wasmtime 42": {"values/numerics.json:313"}, // flags with unused bits set
}

// scriptCommand is a command of a script. Its type is one of:
//
//	component                     Fuse takes it; it is instantiated, where Def is not set
//	instance                      another instance of a component
//	action, assert_return         a call returns, the latter with these results
//	assert_trap                   a call, or the instantiation of File, traps
//	assert_invalid, assert_malformed   Fuse refuses File
type scriptCommand struct {
	Line      int            `json:"line"`
	Type      string         `json:"type"`
	Name      string         `json:"name"`
	File      string         `json:"file"`
	Def       bool           `json:"definition"`
	Instance  string         `json:"instance"`
	Of        string         `json:"of"`
	Field     string         `json:"field"`
	Args      []*scriptValue `json:"args"`
	Expected  []*scriptValue `json:"expected"`
	Message   string         `json:"message"`
	TextError string         `json:"text_error"`
}

// TestConformance plays the reference tests, with every component fused, and compares the numbers of commands that do
// what the script says with those expected. A component counts if Fuse accepts it, since some cannot be instantiated
// alone.
func TestConformance(t *testing.T) {
	root := external.Conformance(t)
	expected := map[string]int{}
	for line := range strings.Lines(string(readFile(t, conformanceExpected))) {
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		var folder, kind string
		var n int
		if _, err := fmt.Sscan(line, &folder, &kind, &n); err != nil {
			t.Fatalf("%s: %q: %v", conformanceExpected, line, err)
		}
		expected[folder+" "+kind] = n
	}
	scripts, err := filepath.Glob(filepath.Join(root, "*", "*.json"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts in %s: %v", root, err)
	}
	held := map[string]int{}
	for _, file := range scripts {
		folder := filepath.Base(filepath.Dir(file))
		t.Run(folder+"/"+strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			p := &player{t: t, dir: filepath.Dir(file), e: wasmtime.New(wasmtime.Options{}), components: map[string][]byte{}, instances: map[string]*wasmtime.Instance{}}
			defer p.close()
			var script struct{ Commands []scriptCommand }
			if err := json.Unmarshal(readFile(t, file), &script); err != nil {
				t.Fatal(err)
			}
			for _, c := range script.Commands {
				if at := fmt.Sprintf("%s/%s:%d", folder, filepath.Base(file), c.Line); slices.Contains(conformanceCrashes[wasmtime.Name()], at) {
					t.Logf("line %d: %s: takes the process down in %s", c.Line, c.Type, wasmtime.Name())
					expected[folder+" "+c.Type]--
					continue
				}
				if err := p.play(c); err != nil {
					t.Logf("line %d: %s, in %s: %v", c.Line, c.Type, wasmtime.Name(), err)
				} else {
					held[folder+" "+c.Type]++
				}
			}
		})
	}
	var kinds []string
	for kind := range expected {
		kinds = append(kinds, kind)
	}
	for kind := range held {
		if _, ok := expected[kind]; !ok {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		t.Logf("conformance in %s: %s: %d held, at least %d must", wasmtime.Name(), kind, held[kind], expected[kind])
		if held[kind] < expected[kind] {
			t.Errorf("in %s: %s: %d held, %d must", wasmtime.Name(), kind, held[kind], expected[kind])
		}
	}
}

// player plays the commands of one script.
type player struct {
	t          *testing.T
	dir        string
	e          *wasmtime.Engine
	components map[string][]byte             // by name, fused
	instances  map[string]*wasmtime.Instance // by name
	current    *wasmtime.Instance
	all        []*wasmtime.Instance
}

func (p *player) close() {
	for _, in := range p.all {
		in.Close()
	}
	p.e.Close()
}

var errTextOnly = errors.New("only the text format can be wrong so")

// play plays a command. The error says why it does not do what the script says.
func (p *player) play(c scriptCommand) error {
	switch c.Type {
	case "component":
		return p.component(c)
	case "instance":
		wasm, ok := p.components[c.Of]
		if !ok {
			return fmt.Errorf("no component %s", c.Of)
		}
		return p.instantiate(wasm, c.Instance)
	case "action", "assert_return":
		return p.returns(c)
	case "assert_trap":
		return p.traps(c)
	case "assert_invalid", "assert_malformed":
		return p.refused(c)
	}
	return fmt.Errorf("a command of type %q", c.Type)
}

func (p *player) component(c scriptCommand) error {
	delete(p.components, c.Name)
	delete(p.instances, c.Name)
	p.current = nil
	if c.File == "" {
		return errTextOnly
	}
	wasm, err := p.fuse(c.File)
	if err != nil {
		return err
	}
	p.components[c.Name] = wasm
	if c.Def {
		return nil
	}
	if err := p.instantiate(wasm, c.Name); err != nil {
		p.t.Logf("line %d: in %s: %v", c.Line, wasmtime.Name(), err)
	}
	return nil
}

func (p *player) fuse(file string) ([]byte, error) {
	wasm := readFile(p.t, filepath.Join(p.dir, file))
	out, err := fuse(fusecore.Graph{Root: fusecore.Input{Name: file, Bytes: wasm}})
	if err != nil {
		return nil, fmt.Errorf("Fuse: %w", err)
	}
	return out.Bytes(), nil
}

func (p *player) instantiate(wasm []byte, name string) error {
	delete(p.instances, name)
	p.current = nil
	in, err := p.e.Load(wasm)
	if err != nil {
		return err
	}
	p.all = append(p.all, in)
	p.current = in
	if name != "" {
		p.instances[name] = in
	}
	return nil
}

func (p *player) call(c scriptCommand) (string, error) {
	in := p.current
	if c.Instance != "" {
		in = p.instances[c.Instance]
	}
	if in == nil {
		return "", errors.New("no instance")
	}
	args, err := scriptTexts(c.Args)
	if err != nil {
		return "", err
	}
	return in.Call(c.Field, args...)
}

func (p *player) returns(c scriptCommand) error {
	got, err := p.call(c)
	if err != nil || c.Type == "action" {
		return err
	}
	want, err := scriptTexts(c.Expected)
	if err != nil {
		return err
	}
	if w := strings.Join(want, ", "); got != w {
		return fmt.Errorf("%s gave %s, want %s", c.Field, got, w)
	}
	return nil
}

func (p *player) traps(c scriptCommand) error {
	got, err := "instantiated", error(nil)
	switch {
	case c.Field != "":
		got, err = p.call(c)
	case c.File != "":
		var wasm []byte
		if wasm, err = p.fuse(c.File); err == nil {
			err = p.instantiate(wasm, "")
		}
	default:
		err = p.instantiate(p.components[c.Of], "")
	}
	if err == nil {
		return fmt.Errorf("%s: %s, want the trap %q", c.Field, got, c.Message)
	}
	if !wasmtime.IsTrap(err) {
		return err
	}
	return nil
}

// refused checks that Fuse rejects a component with an error about the component.
func (p *player) refused(c scriptCommand) error {
	if c.File == "" {
		return errTextOnly
	}
	out, err := p.fuse(c.File)
	if err == nil {
		return fmt.Errorf("accepted, %d bytes, want %q", len(out), c.Message)
	}
	if strings.Contains(err.Error(), "internal error") {
		return fmt.Errorf("not a clear refusal: %w", err)
	}
	return nil
}
