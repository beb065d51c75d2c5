package fusecore_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/external"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// conformanceExpected has the numbers of reference tests that must hold fused, and of those with asynchronous functions also
// composed ("async.composed"), by folder and kind of command. A number with an engine's version applies there, instead of one
// without. The tests' folder has folders with scripts in JSON and their components.
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

// scriptCommands reads a script.
func scriptCommands(t *testing.T, file string) []scriptCommand {
	t.Helper()
	var script struct{ Commands []scriptCommand }
	if err := json.Unmarshal(readFile(t, file), &script); err != nil {
		t.Fatal(err)
	}
	return script.Commands
}

// crashes reports whether a command of a script takes the process down in the engine.
func (c *scriptCommand) crashes(file string) bool {
	at := fmt.Sprintf("%s/%s:%d", filepath.Base(filepath.Dir(file)), filepath.Base(file), c.Line)
	return slices.Contains(conformanceCrashes[wasmtime.Name()], at)
}

// TestConformance plays the reference tests, with every component fused, and compares the numbers of commands that do
// what the script says with those expected. A component counts if Fuse accepts it, since some cannot be instantiated
// alone. Where the engine supports it, scripts with asynchronous functions are also played composed, and what holds composed
// must hold fused if Fuse accepts the component.
func TestConformance(t *testing.T) {
	root := external.Conformance(t)
	version := wasmtime.Version
	if !wasmtime.Async() {
		version = 0
	}
	expected := conformanceFloors(t, version)
	maps.DeleteFunc(expected, func(kind string, _ int) bool { return ofForm(kind) })
	scripts, err := filepath.Glob(filepath.Join(root, "*", "*.json"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts in %s: %v", root, err)
	}
	held := map[string]int{}
	for _, file := range scripts {
		folder := filepath.Base(filepath.Dir(file))
		t.Run(folder+"/"+strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			players := []*player{newPlayer(t, file, folder)}
			if wasmtime.Async() && folder == "async" {
				p := newPlayer(t, file, folder+".composed")
				p.composed = true
				players = append(players, p)
			}
			for _, c := range scriptCommands(t, file) {
				if c.crashes(file) {
					t.Logf("line %d: %s: takes the process down in %s", c.Line, c.Type, wasmtime.Name())
					expected[folder+" "+c.Type]--
					continue
				}
				var errs []error
				for _, p := range players {
					err := p.play(c)
					if errs = append(errs, err); err != nil {
						t.Logf("%s: line %d: %s, in %s: %v", p.key, c.Line, c.Type, wasmtime.Name(), err)
					} else {
						held[p.key+" "+c.Type]++
					}
				}
				if len(errs) == 2 && errs[0] != nil && errs[1] == nil && !players[0].refusedAny {
					t.Errorf("line %d: %s: holds composed, not fused: %v", c.Line, c.Type, errs[0])
				}
			}
			held[folder+" fused"] += players[0].fused
		})
	}
	checkFloors(t, wasmtime.Name(), expected, held)
}

// conformanceFloors reads the expected numbers for an engine by "FOLDER KIND".
func conformanceFloors(t *testing.T, version int) map[string]int {
	t.Helper()
	expected, special := map[string]int{}, map[string]int{}
	for line := range strings.Lines(string(readFile(t, conformanceExpected))) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		var n, only int
		_, err := fmt.Sscan(strings.Join(f[2:], " ")+" 0", &n, &only)
		switch {
		case err != nil || len(f) > 4:
			t.Fatalf("%s: %q: %v", conformanceExpected, line, err)
		case only == version:
			special[f[0]+" "+f[1]] = n
		case only == 0 && version != cliVersion:
			expected[f[0]+" "+f[1]] = n
		}
	}
	maps.Copy(expected, special)
	return expected
}

// checkFloors prints the numbers of commands that held in an engine, and compares them with those expected.
func checkFloors(t *testing.T, engine string, expected, held map[string]int) {
	t.Helper()
	for kind := range held {
		expected[kind] += 0
	}
	for _, kind := range sortedKeys(expected) {
		t.Logf("conformance in %s: %s: %d held, at least %d must", engine, kind, held[kind], expected[kind])
		if held[kind] < expected[kind] {
			t.Errorf("in %s: %s: %d held, %d must", engine, kind, held[kind], expected[kind])
		}
	}
}

// player plays the commands of one script.
type player struct {
	t          *testing.T
	key        string // of its numbers
	dir        string
	composed   bool // components are played as they are
	fuse       form // or nil for the default one
	refusedAny bool // Fuse has refused a component of the script
	fused      int  // component instances in fused modules
	e          *wasmtime.Engine
	components map[string][]byte             // by name, fused
	instances  map[string]*wasmtime.Instance // by name
	current    *wasmtime.Instance
	all        []*wasmtime.Instance
}

// newPlayer returns a player for the script in a file, for the time of the test.
func newPlayer(t *testing.T, file, key string) *player {
	p := &player{t: t, key: key, dir: filepath.Dir(file), components: map[string][]byte{}, instances: map[string]*wasmtime.Instance{}}
	p.e = wasmtime.New(wasmtime.Options{Async: strings.HasPrefix(key, "async")})
	t.Cleanup(func() {
		for _, in := range p.all {
			in.Close()
		}
		p.e.Close()
	})
	return p
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
	wasm, err := p.form(c.File)
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

// form returns the component that stands for that of a file. An error means that Fuse, or the engine if the component is
// played as it is, refuses it.
func (p *player) form(file string) ([]byte, error) {
	wasm := readFile(p.t, filepath.Join(p.dir, file))
	if p.composed {
		return wasm, p.e.Compile(wasm)
	}
	fuse := p.fuse
	if fuse == nil {
		fuse = fuseOrKeep(fusecore.FuseOptions{})
	}
	out, err := fuse(fusecore.Graph{Root: fusecore.Input{Name: file, Bytes: wasm}})
	if err != nil {
		p.refusedAny = true
		return nil, fmt.Errorf("Fuse: %w", err)
	}
	p.fused += out.Report.Fused
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
		if wasm, err = p.form(c.File); err == nil {
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

// refused checks that Fuse, or the engine, rejects a component with an error about the component.
func (p *player) refused(c scriptCommand) error {
	if c.File == "" {
		return errTextOnly
	}
	out, err := p.form(c.File)
	if err == nil {
		return fmt.Errorf("accepted, %d bytes, want %q", len(out), c.Message)
	}
	if strings.Contains(err.Error(), "internal error") {
		return fmt.Errorf("not a clear refusal: %w", err)
	}
	return nil
}
