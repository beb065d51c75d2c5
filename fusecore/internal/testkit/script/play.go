// This file implements the playing of scripts.

package script

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// Player plays sections of one script in components, in one engine. Only one goroutine may use it at a time.
type Player struct {
	e runner.Engine
	r *run // being played
}

// Player returns a player in wasmtime, which must be closed.
func (s *Script) Player() *Player {
	p, _ := s.PlayerIn(func(o wasmtime.Options) (runner.Engine, error) { return wasmtime.Runner(o), nil })
	return p
}

// PlayerIn is like Player, for an engine. Options without meaning for it are to be ignored.
func (s *Script) PlayerIn(engine func(wasmtime.Options) (runner.Engine, error)) (_ *Player, err error) {
	p := &Player{r: &run{}}
	o := s.Options()
	for name, answer := range o.Funcs {
		o.Funcs[name] = func(args []string) (string, error) {
			if err := p.r.meanwhile(); err != nil {
				return "", err
			}
			return answer(args)
		}
	}
	p.e, err = engine(o)
	return p, err
}

// Close frees the player's engine.
func (p *Player) Close() { p.e.Close() }

// Play plays a section with a component and returns the observed steps. An error means that the engine rejects the
// component or that an action cannot be taken at all; the steps observed before then end in one that is Unplayed.
func (p *Player) Play(wasm []byte, x *Section) (seen []Step, err error) {
	defer func() {
		if err != nil {
			seen = append(seen, Step{Line: Unplayed})
		}
	}()
	first := Step{Action: instantiate}
	p.r = &run{}
	in, err := p.e.Load(wasm)
	var t *wasmtime.Trap
	switch {
	case errors.As(err, &t):
		first.Line = "assert_trap " + instantiate
		first.Rule, _ = Rule(err)
		for _, c := range t.Log {
			first.Log = append(first.Log, c.String())
		}
		return []Step{first}, nil
	case err != nil:
		return nil, err
	case x.Steps[0].Line != "":
		first.Line = "assert_return " + instantiate
	}
	p.r.in = in
	defer func() { p.r.in.Close() }()
	first.Log = p.r.news()
	seen = []Step{first}
	dead := false
	for _, s := range x.Steps[1:] {
		if dead && x.Renew {
			p.r.in.Close()
			p.r = &run{}
			if p.r.in, err = p.e.Load(wasm); err != nil {
				return seen, err
			}
			dead = false
		}
		step, err := p.r.step(s)
		if err != nil {
			return seen, err
		}
		dead = dead || strings.HasPrefix(step.Line, "assert_trap ")
		seen = append(seen, step)
	}
	return seen, nil
}

// Actor takes actions.
type Actor interface {
	Invoke(call string) (result string, err error)
	DropResource(n int) error
}

// Act takes an action: a call, or "drop res(N)", the drop of a handle of the host.
func Act(in Actor, action string) (result string, err error) {
	if drop, ok := strings.CutPrefix(action, "drop res("); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(drop, ")"))
		if err != nil {
			return "", fmt.Errorf("%s: %w", action, err)
		}
		return "", in.DropResource(n)
	}
	return in.Invoke(action)
}

// observe takes an action and returns the step that it was. An error means that it cannot be taken.
func observe(in Actor, action string) (Step, error) {
	result, err := Act(in, action)
	if rule, ok := Rule(err); ok {
		return Step{Action: action, Line: "assert_trap " + action, Rule: rule}, nil
	}
	var exit *wasmtime.Exit
	switch {
	case errors.As(err, &exit):
		return Step{Action: action, Line: fmt.Sprintf("assert_exit %s -> %d", action, exit.Status)}, nil
	case err != nil:
		return Step{}, err
	}
	line := "assert_return " + action
	if result != "" {
		line += " -> " + result
	}
	return Step{Action: action, Line: line}, nil
}

// ByRuntime is in place of a rule for a trap in generated code that no rule is behind: the runtime refuses what a built-in of
// its own, or a function of the host, is called with.
const ByRuntime = "by the runtime"

// Placed returns steps without ByRuntime, for outputs that are optimised: as the code of one function can be in another,
// only rules say where a trap occurs.
func Placed(steps []Step) []Step {
	out := slices.Clone(steps)
	for i := range out {
		if out[i].Rule == ByRuntime {
			out[i].Rule = ""
		}
	}
	return out
}

// Rule reports whether an error is a trap, and returns the name of the rule in whose function a fused component trapped, or
// "" for a trap of a guest. In components that are not fused the names of functions mean nothing.
func Rule(err error) (rule string, ok bool) {
	var t *wasmtime.Trap
	if !errors.As(err, &t) {
		return "", false
	}
	rule, ok = strings.CutPrefix(t.Frame(), trap.Prefix)
	switch {
	case ok:
		return rule, true
	case generated(t.Frame()):
		return ByRuntime, true
	}
	return "", true
}

// generated reports whether the function of this name in a fused module was generated. Names of generated functions have
// several words, of which the first has no slash. Functions of guests have no name, or a component's name and a slash, or one
// word. The start function, which applies the guests' segments, does not count.
func generated(name string) bool {
	first, _, words := strings.Cut(name, " ")
	return words && !strings.Contains(first, "/") || name == "begin" || name == "end"
}

// run is an instance, with the part of its behaviour already reported.
type run struct {
	in             runner.Instance
	logged         int
	stdout, stderr int

	during  [][]string     // what the host does during each of its calls in a step
	calls   int            // of the host in the step so far
	nested  bool           // while the host does something
	results map[int][]Step // of what it did, by the call's position in the log
	err     error          // of an action of the host that cannot be taken
}

// step takes the action of a step, and returns what was observed.
func (r *run) step(s Step) (Step, error) {
	r.during, r.calls, r.results = nil, 0, map[int][]Step{}
	for _, l := range s.Log {
		line, nested := strings.CutPrefix(l, "  ")
		if !nested {
			r.during = append(r.during, nil)
			continue
		}
		a, err := assertion(line)
		if err != nil || len(r.during) == 0 {
			return Step{}, fmt.Errorf("%q is not what the host can do during a call: %w", line, err)
		}
		last := &r.during[len(r.during)-1]
		*last = append(*last, a.Action)
	}
	step, err := observe(r.in, s.Action)
	if err = cmp.Or(r.err, err); err != nil {
		return Step{}, err
	}
	step.Log = r.news()
	return step, nil
}

// meanwhile does what the host does during the call of one of its functions.
func (r *run) meanwhile() error {
	n := r.calls
	if r.calls++; r.nested || n >= len(r.during) {
		return nil
	}
	r.nested = true
	defer func() { r.nested = false }()
	at := len(r.in.Log()) - 1
	for _, action := range r.during[n] {
		step, err := observe(r.in, action)
		if err != nil {
			r.err = err
			return err
		}
		r.results[at] = append(r.results[at], step)
	}
	return nil
}

// news returns what the instance did since the last call: calls of the host, then output.
func (r *run) news() (log []string) {
	for ; r.logged < len(r.in.Log()); r.logged++ {
		log = append(log, r.in.Log()[r.logged].String())
		for _, l := range Lines(r.results[r.logged], true) {
			log = append(log, "  "+l)
		}
	}
	if out := r.in.Stdout(); len(out) > r.stdout {
		log = append(log, "stdout "+strconv.Quote(out[r.stdout:]))
		r.stdout = len(out)
	}
	if out := r.in.Stderr(); len(out) > r.stderr {
		log = append(log, "stderr "+strconv.Quote(out[r.stderr:]))
		r.stderr = len(out)
	}
	return log
}
