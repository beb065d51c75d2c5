// Package script parses and plays scripts: calls of components, with assertions about what is observed. A script is to
// components what a .wast script of the WebAssembly specification is to core modules, and has the same verbs. Calls and
// values are in the notation of wasmtime's command line and of WAVE.
//
//	instance borrows take numbers             a new instance, with a description
//	assert_return p1#make-r(7) -> 1           the call returns 1
//	  log(1, 7)                               and meanwhile calls this host function
//	assert_return drop res(0)                 the host drops its handle res(0); nothing is returned
//	assert_trap p1#get-r(5)                   the call traps
//	assert_trap p1#get-r(5) "unknown handle index"
//	                                          if fused, in the function of that rule (package trap), or "by the runtime"
//	assert_exit wasi:cli/run@0.2.0#run() -> 3 the call ends the program with a status
//
// Every call of a host function is asserted, in order: indented below the assertion during which it happens, with the
// host's answer. What the host does during its function is asserted in turn, indented below the call, and done before the
// host answers. The instance's output follows as stdout "TEXT" and stderr "TEXT", also indented. What happens during
// instantiation is below the line that begins an instance. A new instance begins with one of
//
//	instance NAME     everything that follows happens in it; after a trap everything must trap
//	instances NAME    a new instance follows each trap
//
// with or without a name. Before any such line, a script is in "instances". An instantiation that traps is written
//
//	assert_trap instantiate "RULE"
//
// Lines before the first instance set the scene:
//
//	graph NAME: ROOT DEP FILE=ALIAS ...  files of components to link, one graph a line, each of which must behave the same;
//	                                     by default the file with the script's name
//	plug IMPORTER IMPORT = PROVIDER EXPORT
//	part                                 the component is a dependency of others and is not played
//	host FUNC -> ANSWER                  a function of the host, or its answer to some arguments (see below)
//	resource NAME                        a resource type of the host
//	wasi ARG ...                         WASI 0.2 with these program arguments; with it
//	env NAME=VALUE, stdin "TEXT"
//	no-concurrency                       in runtimes without the component model's concurrency
//	async                                functions are asynchronous: only played in engines with support for that
//	refused "TEXT"                       fusing fails with an error that contains this text
//	kept "TEXT"                          fusing leaves the composition as it is, for a reason that contains this text
//	fused has TEXT, fused lacks TEXT     the text of the fused component has, or lacks, a line that contains it
//	fused counts NAME N                  its core modules have N instructions of that name
//	fused reports TEXT                   the report of what was fused contains the text
//
// A host function may have several lines; the first one that matches the arguments answers. FUNC is a name, which matches
// all arguments, or a call whose arguments contain variables: each $x matches any text. In ANSWER a variable stands for
// that text, $x.reps for the text with each handle host(N) replaced by its number, and $x.handles for the handles in it. An
// ANSWER of the form sum(7*$x + $y) is computed modulo 2^32.
//
// In the text of a component (.wat) the lines of its script begin with ";;! ".
package script

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// Script is a parsed script.
type Script struct {
	Name    string
	Graphs  []Graph // at least one
	Plugs   []fusecore.Plug
	Part    bool
	Refused string
	Kept    string
	// Has, Lacks and Counts are assertions about the text and the instructions of the fused component.
	Has, Lacks []string
	// Reports are texts of the report of what was fused.
	Reports []string
	Counts  map[string]int
	// WASI is the guests' environment in WASI, or nil.
	WASI *wasmtime.WASI
	// Async is set if the components have asynchronous functions.
	Async    bool
	Sections []*Section

	file, prefix  string
	lines         []string // of the file
	places        map[int]place
	hosts         map[string][]answer
	resources     []string
	noConcurrency bool
}

// Graph is a root component with its dependencies.
type Graph struct {
	Name string
	Root string
	Deps []string // FILE or FILE=ALIAS
}

// Section is played in one instance, or in several, one after another.
type Section struct {
	Name  string
	Renew bool // a new instance follows each trap
	// Steps are the script's assertions. The first is the instantiation.
	Steps []Step

	key   string
	first int // position of its first line in the file
}

// place is the meaning of a line in a section: the line that begins it (-1), one about the instantiation or about
// observations during a step (0), or the assertion of a later step.
type place struct {
	x    *Section
	step int
}

// Step is an action and what was observed.
type Step struct {
	Action string // "instantiate", "drop res(N)" or a call
	Line   string // the assertion, without a rule; "" for an instantiation that succeeds
	Rule   string // of a trap
	Log    []string
}

const (
	instantiate = "instantiate"
	// Unplayed is the line of an action that could not be played because the engine rejects the component.
	Unplayed = "unplayed"
)

// Load parses a script. The script's name is the file's, without its extension.
func Load(file string) (*Script, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s := &Script{Name: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), file: file, Counts: map[string]int{},
		hosts: map[string][]answer{}, places: map[int]place{}, lines: strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")}
	if filepath.Ext(file) == ".wat" {
		s.prefix = ";;! "
	}
	var section *Section
	for i, line := range s.lines {
		line, ok := strings.CutPrefix(line, s.prefix)
		if line = strings.TrimRight(line, " "); !ok || line == "" || strings.HasPrefix(line, ";;") {
			continue
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch {
		case verb == "instance" || verb == "instances":
			section = s.begin(rest, verb == "instances", i)
			s.places[i] = place{section, -1}
		case verb == "" || strings.HasPrefix(verb, "assert_"):
			if section == nil {
				section = s.begin("", true, i)
			}
			before := len(section.Steps)
			err = section.add(line)
			s.places[i] = place{section, 0}
			if len(section.Steps) > before {
				s.places[i] = place{section, before}
			}
		default:
			err = s.header(verb, rest)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: cannot read %q: %w", file, i+1, line, err)
		}
	}
	if len(s.Graphs) == 0 {
		s.Graphs = []Graph{{Name: s.Name, Root: s.Name + ".wasm"}}
	}
	if len(s.Sections) == 0 && s.Refused+s.Kept == "" && !s.Part && len(s.Has)+len(s.Lacks)+len(s.Counts) == 0 {
		return nil, fmt.Errorf("%s: the script asserts nothing", file)
	}
	return s, nil
}

// LoadAll parses the scripts whose files match patterns, in order. There must be at least one for each pattern.
func LoadAll(patterns ...string) (all []*Script, err error) {
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("no script %s: %w", pattern, err)
		}
		for _, f := range files {
			s, err := Load(f)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// header parses a line before the first instance.
func (s *Script) header(verb, rest string) (err error) {
	malformed := fmt.Errorf("not a line of %s", verb)
	switch verb {
	case "graph":
		name, files, ok := strings.Cut(rest, ": ")
		f := strings.Fields(files)
		if !ok || len(f) == 0 {
			return malformed
		}
		s.Graphs = append(s.Graphs, Graph{Name: name, Root: f[0], Deps: f[1:]})
	case "plug":
		f := strings.Fields(rest)
		if len(f) != 5 || f[2] != "=" {
			return malformed
		}
		s.Plugs = append(s.Plugs, fusecore.Plug{Importer: f[0], Import: f[1], Provider: f[3], Export: f[4]})
	case "part":
		s.Part = true
	case "host":
		return s.host(rest)
	case "resource":
		s.resources = append(s.resources, rest)
	case "wasi":
		s.WASI = &wasmtime.WASI{Args: strings.Fields(rest)}
	case "env":
		name, value, ok := strings.Cut(rest, "=")
		if !ok || s.WASI == nil {
			return malformed
		}
		s.WASI.Env = append(s.WASI.Env, [2]string{name, value})
	case "stdin":
		if s.WASI == nil {
			return malformed
		}
		s.WASI.Stdin, err = strconv.Unquote(rest)
	case "no-concurrency":
		s.noConcurrency = true
	case "async":
		s.Async = true
	case "refused":
		s.Refused, err = strconv.Unquote(rest)
	case "kept":
		s.Kept, err = strconv.Unquote(rest)
	case "fused":
		what, text, _ := strings.Cut(rest, " ")
		switch what {
		case "has":
			s.Has = append(s.Has, text)
		case "lacks":
			s.Lacks = append(s.Lacks, text)
		case "reports":
			s.Reports = append(s.Reports, text)
		case "counts":
			name, n, _ := strings.Cut(text, " ")
			s.Counts[name], err = strconv.Atoi(n)
		default:
			return malformed
		}
	default:
		return fmt.Errorf("no line begins with %s", verb)
	}
	return err
}

// begin begins a section.
func (s *Script) begin(name string, renew bool, line int) *Section {
	x := &Section{Name: name, Renew: renew, Steps: []Step{{Action: instantiate}}, first: line}
	switch {
	case name != "":
		x.key = ": " + name
	case len(s.Sections) > 0:
		x.key = fmt.Sprintf(": instance %d", len(s.Sections)+1)
	}
	s.Sections = append(s.Sections, x)
	return x
}

// add parses an assertion, or a line that belongs to the last one.
func (x *Section) add(line string) error {
	if line[0] == ' ' {
		last := &x.Steps[len(x.Steps)-1]
		last.Log = append(last.Log, strings.TrimPrefix(line, "  "))
		return nil
	}
	step, err := assertion(line)
	if err != nil {
		return err
	}
	if step.Action == instantiate {
		if len(x.Steps) > 1 {
			return fmt.Errorf("an instance begins here, not with %s", x.Steps[1].Action)
		}
		x.Steps[0] = step
		return nil
	}
	x.Steps = append(x.Steps, step)
	return nil
}

// assertion parses an assertion.
func assertion(line string) (step Step, err error) {
	verb, action, _ := strings.Cut(line, " ")
	step.Line = line
	switch verb {
	case "assert_return", "assert_exit":
		step.Action = actionOf(action)
	case "assert_trap":
		step.Action = action
		if i := strings.LastIndex(action, ` "`); i >= 0 && !strings.HasSuffix(action, ")") {
			step.Rule, err = strconv.Unquote(action[i+1:])
			step.Action, step.Line = action[:i], verb+" "+action[:i]
		}
	default:
		err = fmt.Errorf("no assertion is %s", verb)
	}
	return step, err
}

// actionOf returns the text before the arrow of a result. Arguments and results may also contain arrows.
func actionOf(text string) string {
	for i := range text {
		if strings.HasPrefix(text[i:], " -> ") {
			if _, _, err := runner.SplitCall(text[:i]); err == nil {
				return text[:i]
			}
		}
	}
	return text
}

// Playable reports whether the engine in use can play the script.
func (s *Script) Playable() bool { return !s.Async || wasmtime.Async() }

// Key returns the name of a section in lists: the script's name with that of the section, or with its number.
func (s *Script) Key(x *Section) string { return s.Name + x.key }

// Inputs reads a graph's files from a folder. An input has the name of its file, or its alias.
func (g Graph) Inputs(folder string) (in fusecore.Graph, err error) {
	read := func(file, name string) (x fusecore.Input) {
		x.Name = path.Base(name)
		if err == nil {
			x.Bytes, err = os.ReadFile(filepath.Join(folder, file))
		}
		return x
	}
	in.Root = read(g.Root, g.Root)
	for _, d := range g.Deps {
		file, alias, ok := strings.Cut(d, "=")
		if !ok {
			alias = file
		}
		in.Deps = append(in.Deps, read(file, alias))
	}
	return in, err
}

// Lines returns steps in the form of a script, with or without rules.
func Lines(steps []Step, rules bool) (lines []string) {
	for _, s := range steps {
		if s.Line != "" {
			line := s.Line
			if rules && s.Rule != "" {
				line += " " + strconv.Quote(s.Rule)
			}
			lines = append(lines, line)
		}
		for _, l := range s.Log {
			lines = append(lines, "  "+l)
		}
	}
	return lines
}

// Rewrite rewrites the script's file with other steps in some of its sections, without changing anything else. A
// section must have as many steps as before, or fewer if an instance could not be made; assertions without a step stay
// too.
func (s *Script) Rewrite(sections map[*Section][]Step) error {
	var b strings.Builder
	write := func(lines ...string) {
		for _, l := range lines {
			b.WriteString(s.prefix + l + "\n")
		}
	}
	for i, line := range s.lines {
		at := s.places[i]
		steps, ok := sections[at.x]
		if !ok || at.step >= len(steps) {
			b.WriteString(line + "\n")
			continue
		}
		if at.step < 0 {
			write(strings.TrimPrefix(line, s.prefix))
		}
		if i == at.x.first {
			write(Lines(steps[:1], true)...)
		}
		if at.step > 0 {
			write(Lines(steps[at.step:at.step+1], true)...)
		}
	}
	return os.WriteFile(s.file, []byte(b.String()), 0o644)
}

// Options returns what the host provides for the script's components.
func (s *Script) Options() wasmtime.Options {
	o := wasmtime.Options{WASI: s.WASI, Funcs: map[string]wasmtime.HostFunc{}, Resources: map[string]func(uint32){}, NoConcurrency: s.noConcurrency, Async: s.Async}
	for _, r := range s.resources {
		o.Resources[r] = nil
	}
	for _, name := range slices.Sorted(maps.Keys(s.hosts)) {
		o.Funcs[name] = s.answerer(name)
	}
	return o
}
