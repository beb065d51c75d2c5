package script

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// Player plays sections of one script in components, in one engine. Only one goroutine may use it at a time.
type Player struct{ e *wasmtime.Engine }

// Player returns a player, which must be closed.
func (s *Script) Player() *Player { return &Player{wasmtime.New(s.Options())} }

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
	r := &run{in: in}
	defer func() { r.in.Close() }()
	first.Log = r.news()
	seen = []Step{first}
	dead := false
	for _, s := range x.Steps[1:] {
		if dead && x.Renew {
			in, err := p.e.Load(wasm)
			if err != nil {
				return seen, err
			}
			r.in.Close()
			*r = run{in: in}
			dead = false
		}
		result, err := Act(r.in, s.Action)
		step, err := outcome(s.Action, result, err)
		if err != nil {
			return seen, err
		}
		step.Log = r.news()
		dead = dead || strings.HasPrefix(step.Line, "assert_trap ")
		seen = append(seen, step)
	}
	return seen, nil
}

// Act takes an action: a call, or "drop res(N)", the drop of a handle of the host.
func Act(in *wasmtime.Instance, action string) (result string, err error) {
	if drop, ok := strings.CutPrefix(action, "drop res("); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(drop, ")"))
		if err != nil {
			return "", fmt.Errorf("%s: %w", action, err)
		}
		return "", in.DropResource(n)
	}
	return in.Invoke(action)
}

// outcome returns the step of an action that ended with the given result.
func outcome(action, result string, err error) (Step, error) {
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

// generated reports whether the function of this name in a fused module was generated. Functions of guests have no
// name, or one that begins with the path of their instance. The start function, which applies the guests' segments,
// does not count.
func generated(name string) bool {
	return name != "" && name != "start" && !strings.HasPrefix(name, "root")
}

// run is an instance, with the part of its behaviour already reported.
type run struct {
	in             *wasmtime.Instance
	logged         int
	stdout, stderr int
}

// news returns what the instance did since the last call: calls of the host, then output.
func (r *run) news() (log []string) {
	for _, c := range r.in.Log()[r.logged:] {
		log = append(log, c.String())
	}
	r.logged = len(r.in.Log())
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
