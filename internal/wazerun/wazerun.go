// Package wazerun runs components in wazero, by package engine of fusecore: an engine in pure Go. See package runner.
package wazerun

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/engine"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/wave"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

// Engine is a runner.Engine.
type Engine struct {
	opts     runner.Options
	settings Settings
	rt       *engine.Runtime
	host     engine.Host
	comps    map[[sha256.Size]byte]*engine.Component
	in       *Instance // that runs
}

// Settings are what only this engine has. The zero value is the default.
type Settings struct {
	Engine engine.Options
	// Configure changes what an instance sees of its environment, or is nil.
	Configure func(*engine.Config)
}

// New returns a new engine.
func New(o runner.Options, s Settings) (*Engine, error) {
	if o.Precompiled {
		return nil, errors.New("wazero runs no machine code of other engines: set engine to the one that has compiled it")
	}
	if o.Timeout == 0 {
		o.Timeout = runner.DefaultTimeout
	}
	rt, err := engine.New(context.Background(), s.Engine)
	if err != nil {
		return nil, err
	}
	e := &Engine{opts: o, settings: s, rt: rt, comps: map[[sha256.Size]byte]*engine.Component{}}
	for name, fn := range o.Funcs {
		e.host.Func(name, e.hostFunc(name, fn))
	}
	for name, drop := range o.Resources {
		iface, res, ok := strings.Cut(name, "#")
		called := iface + "#[drop]" + res
		if !ok {
			called = "[drop]" + name
		}
		e.host.Resource(name, func(rep uint32) {
			e.in.log = append(e.in.log, runner.HostCall{Name: called, Args: []string{fmt.Sprintf("host(%d)", rep)}})
			if drop != nil {
				drop(rep)
			}
		})
	}
	return e, nil
}

// Close implements runner.Engine.
func (e *Engine) Close() { e.rt.Close(context.Background()) }

// hostFunc returns a function of the host that passes values as text.
func (e *Engine) hostFunc(name string, fn runner.HostFunc) engine.Dynamic {
	return func(_ context.Context, f *engine.FuncType, args []any) (any, error) {
		in := e.in
		c := runner.HostCall{Name: name}
		for i, a := range args {
			text, err := in.text().Format(f.Params[i].Type, a)
			if err != nil {
				return nil, err
			}
			c.Args = append(c.Args, text)
		}
		at := len(in.log)
		in.log = append(in.log, c)
		result, err := fn(c.Args)
		if err != nil {
			return nil, err
		}
		in.log[at].Result = result
		if f.Result == nil {
			return nil, nil
		}
		return in.text().Parse(f.Result, result)
	}
}

// Load implements runner.Engine.
func (e *Engine) Load(wasm []byte) (runner.Instance, error) {
	comp, err := e.Compile(fusecore.Graph{Root: fusecore.Input{Name: "component.wasm", Bytes: wasm}})
	if err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	return e.Instantiate(comp)
}

// Compile compiles a graph, or returns what has been compiled for the same root.
func (e *Engine) Compile(g fusecore.Graph) (*engine.Component, error) {
	key := sha256.Sum256(g.Root.Bytes)
	if comp := e.comps[key]; comp != nil {
		return comp, nil
	}
	comp, err := e.rt.CompileGraph(context.Background(), g)
	if err == nil {
		e.comps[key] = comp
	}
	return comp, err
}

// Instantiate instantiates a component.
func (e *Engine) Instantiate(comp *engine.Component) (*Instance, error) {
	in := &Instance{e: e, comp: comp}
	config := engine.Config{Stdout: &in.stdout, Stderr: &in.stderr, TrapMissing: true}
	if w := e.opts.WASI; w != nil {
		config.Args, config.Env, config.Stdin = w.Args, w.Env, strings.NewReader(w.Stdin)
		if w.InheritStdin {
			config.Stdin = os.Stdin
		}
		if w.Stdout != nil {
			config.Stdout = w.Stdout
		}
		if w.Stderr != nil {
			config.Stderr = w.Stderr
		}
		for _, d := range w.Dirs {
			config.Dirs = append(config.Dirs, engine.Dir{Guest: d.Guest, Host: d.Host, ReadOnly: d.ReadOnly})
		}
	}
	if e.settings.Configure != nil {
		e.settings.Configure(&config)
	}
	before := e.in
	e.in = in
	defer func() { e.in = before }()
	ctx, stop := e.limit()
	defer stop()
	var err error
	if in.in, err = comp.Instantiate(ctx, &e.host, config); err != nil {
		err = running("instantiate", err)
		var t *runner.Trap
		if errors.As(err, &t) {
			t.Log = in.log
		}
		return nil, err
	}
	return in, nil
}

// limit returns a context for a call.
func (e *Engine) limit() (context.Context, context.CancelFunc) {
	if e.opts.Timeout < 0 {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), e.opts.Timeout)
}

// running converts an error to that of a runner.
func running(stage string, err error) error {
	switch e := err.(type) {
	case *engine.Exit:
		return &runner.Exit{Status: int(e.Code)}
	case *engine.Trap:
		return &runner.Trap{Stage: stage, Message: e.Error(), Function: innermost(e.Frames)}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &runner.Trap{Stage: stage, Message: "timeout"}
	case errors.As(err, new(engine.ResourceError)): // other engines only notice that in the call
		return &runner.Trap{Stage: stage, Message: err.Error()}
	}
	return err
}

// innermost returns the name of the innermost function. Those without a name have a number.
func innermost(frames []string) string {
	if len(frames) == 0 || strings.HasPrefix(frames[0], "$") {
		return ""
	}
	return frames[0]
}

// Instance is a runner.Instance.
type Instance struct {
	e              *Engine
	in             *engine.Instance
	comp           *engine.Component
	log            []runner.HostCall
	resources      []*engine.Resource // that the instance has passed out
	stdout, stderr bytes.Buffer
}

// text returns the options of values as text.
func (in *Instance) text() wave.Options { return wave.Options{Handles: handles{in}} }

// handles writes handles of the host as host(REP), and those of guests as res(N).
type handles struct{ in *Instance }

// Handle implements wave.Handles.
func (h handles) Handle(t *wave.Type, word string, n uint32) (any, error) {
	switch {
	case word == "host":
		return n, nil
	case word != "res":
		return nil, fmt.Errorf("expected host(REP) or res(N) for a %v", t)
	case int64(n) >= int64(len(h.in.resources)):
		return nil, fmt.Errorf("there is no handle res(%d)", n)
	}
	return h.in.resources[n], nil
}

// Text implements wave.Handles.
func (h handles) Text(t *wave.Type, handle any) (string, uint32, error) {
	switch x := handle.(type) {
	case uint32:
		return "host", x, nil
	case *engine.Resource:
		h.in.resources = append(h.in.resources, x)
		return "res", uint32(len(h.in.resources) - 1), nil
	}
	return "", 0, fmt.Errorf("%T is no handle of a %v", handle, t)
}

// do takes an action that the host begins.
func (in *Instance) do(action func(context.Context) error) error {
	before := in.e.in
	in.e.in = in
	defer func() { in.e.in = before }()
	ctx, stop := in.e.limit()
	defer stop()
	return running("call", action(ctx))
}

// Call implements runner.Instance.
func (in *Instance) Call(name string, args ...string) (string, error) {
	return in.Invoke(name + "(" + strings.Join(args, ", ") + ")")
}

// Invoke implements runner.Instance.
func (in *Instance) Invoke(call string) (result string, err error) {
	name, ok := wave.CallName(call)
	if !ok {
		return "", fmt.Errorf("%q is no call: expected func(ARG, ...)", call)
	}
	f, err := in.in.Func(name)
	if err != nil && runExport.MatchString(name) && in.comp.IsCommand() {
		return in.runText()
	}
	if err != nil {
		return "", err
	}
	args, err := in.text().ParseCall(f.Type, call)
	if err != nil {
		return "", err
	}
	var value any
	err = in.do(func(ctx context.Context) error {
		value, err = in.in.Call(ctx, name, args...)
		return err
	})
	if err != nil || f.Type.Result == nil {
		return "", err
	}
	return in.text().Format(f.Type.Result, value)
}

// runExport matches the name of a command's run function.
var runExport = regexp.MustCompile(`^wasi:cli/run@0\.2\.[0-9]+#run$`)

// runText returns the result of a command's run function, which a module for preview1 has as _start.
func (in *Instance) runText() (string, error) {
	err := in.Run()
	if exit, ok := err.(*runner.Exit); ok && exit.Status == 1 {
		return "err", nil
	}
	return "ok", err
}

// Run implements runner.Instance.
func (in *Instance) Run() error {
	if !in.comp.IsCommand() {
		return runner.ErrNoCommand
	}
	return in.do(in.in.Run)
}

// DropResource implements runner.Instance.
func (in *Instance) DropResource(n int) error {
	if n < 0 || n >= len(in.resources) {
		return fmt.Errorf("no handle res(%d)", n)
	}
	return in.do(in.resources[n].Drop)
}

// Log implements runner.Instance.
func (in *Instance) Log() []runner.HostCall { return in.log }

// Stdout implements runner.Instance.
func (in *Instance) Stdout() string { return in.stdout.String() }

// Stderr implements runner.Instance.
func (in *Instance) Stderr() string { return in.stderr.String() }

// Close implements runner.Instance.
func (in *Instance) Close() { in.in.Close(context.Background()) }
