// This file implements instances.

package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/preview1"
)

// startFunction runs a command in WASI preview1.
const startFunction = "_start"

// Config is what an instance sees of its environment. The zero value is an empty one: no arguments, variables, files or
// input, and output is dropped. Clocks and random numbers are the machine's.
type Config struct {
	Args           []string // the first one is the program's name
	Env            [][2]string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Dirs           []Dir
	// Random replaces the machine's source of random numbers.
	Random io.Reader
	// TrapMissing instantiates a component although the host lacks functions that it imports. Calls of these trap.
	TrapMissing bool
}

// Dir is a directory that a guest can access: one of the machine, or an [fs.FS].
type Dir struct {
	Guest    string // path that the guest uses
	Host     string // path on this machine
	ReadOnly bool
	FS       fs.FS // instead of Host
}

// Instance is an instantiated component. Only one goroutine may use it at a time, with its resources. While a function of
// it runs, host functions that it calls cannot call it. After a [Trap] or an [Exit], or when the context of a call is
// done, it can only be closed.
type Instance struct {
	comp        *Component
	mod         api.Module
	host        []api.Closer // what it imports from
	mem         api.Memory
	trapMissing bool

	codecs  map[pairing]codec
	layouts *cabi.Types
	funcs   map[string]*boundFunc
	realloc *coreFunc
	dtors   map[*resourceType][]api.Function // not running

	table   table
	goTypes map[*resourceType]reflect.Type
	drops   map[*resourceType]func(context.Context, any) error

	idle     *call // the next call's record, or nil
	busy     bool  // the guest has been entered
	mayLeave bool  // it may call imports
	dead     error // why it cannot be used any more
}

// errClosed is why a closed instance cannot be used.
var errClosed = errors.New("the instance is closed")

// Instantiate creates an instance, and runs its initialisation. h may be nil.
func (c *Component) Instantiate(ctx context.Context, h *Host, cfg Config) (*Instance, error) {
	if h == nil {
		h = &Host{}
	}
	in := &Instance{comp: c, codecs: map[pairing]codec{}, layouts: cabi.New(), funcs: map[string]*boundFunc{}, dtors: map[*resourceType][]api.Function{},
		goTypes: map[*resourceType]reflect.Type{}, drops: map[*resourceType]func(context.Context, any) error{},
		mayLeave: true, trapMissing: cfg.TrapMissing, busy: true}
	modules, err := in.link(ctx, h)
	started := false
	defer func() {
		if !started {
			in.Close(ctx)
		}
	}()
	if err != nil {
		return nil, err
	}
	resolver := func(name string) api.Module { return modules[name] } // nil is the runtime's module of that name
	mod, err := c.rt.r.InstantiateModule(experimental.WithImportResolver(ctx, resolver), c.mod, cfg.module())
	if err != nil {
		return nil, in.comp.failure(ctx, "instantiate", err)
	}
	in.attach(mod)
	if f := mod.ExportedFunction(c.abi.Initialize); f != nil {
		if _, err = f.Call(ctx); err != nil {
			err = in.comp.failure(ctx, "instantiate", err)
		}
	}
	in.busy = false
	if err != nil {
		return nil, err
	}
	started = true
	return in, nil
}

// attach sets the module, which the guest's start function already needs.
func (in *Instance) attach(mod api.Module) {
	if in.mod == nil {
		in.mod, in.mem = mod, mod.ExportedMemory(in.comp.abi.Memory)
		in.realloc = newCoreFunc(mod.ExportedFunction(in.comp.abi.Realloc))
	}
}

// module returns wazero's form of a configuration.
func (cfg *Config) module() wazero.ModuleConfig {
	m := wazero.NewModuleConfig().WithName("").WithStartFunctions().WithArgs(cfg.Args...).
		WithSysWalltime().WithSysNanotime().WithSysNanosleep().WithRandSource(rand.Reader)
	for _, kv := range cfg.Env {
		m = m.WithEnv(kv[0], kv[1])
	}
	if cfg.Stdin != nil {
		m = m.WithStdin(cfg.Stdin)
	}
	if cfg.Stdout != nil {
		m = m.WithStdout(cfg.Stdout)
	}
	if cfg.Stderr != nil {
		m = m.WithStderr(cfg.Stderr)
	}
	if cfg.Random != nil {
		m = m.WithRandSource(cfg.Random)
	}
	dirs := wazero.NewFSConfig()
	for _, d := range cfg.Dirs {
		switch {
		case d.FS != nil:
			dirs = dirs.WithFSMount(d.FS, d.Guest)
		case d.ReadOnly:
			dirs = dirs.WithReadOnlyDirMount(d.Host, d.Guest)
		default:
			dirs = dirs.WithDirMount(d.Host, d.Guest)
		}
	}
	return m.WithFSConfig(dirs)
}

// link makes the modules that the component imports from, by name.
func (in *Instance) link(ctx context.Context, h *Host) (modules map[string]api.Module, err error) {
	modules = map[string]api.Module{}
	if err := in.linkResources(h); err != nil {
		return nil, err
	}
	builders, done := map[string]wazero.HostModuleBuilder{}, map[coreabi.Import]bool{}
	var order []string
	for _, def := range in.comp.mod.ImportedFunctions() {
		module, name, _ := def.Import()
		at := coreabi.Import{Module: module, Name: name}
		if module == preview1.Module || done[at] {
			continue
		}
		done[at] = true
		f, err := in.imported(h, at)
		if err != nil {
			return nil, err
		}
		if builders[module] == nil {
			builders[module] = in.comp.rt.r.NewHostModuleBuilder(module)
			order = append(order, module)
		}
		builders[module].NewFunctionBuilder().WithGoModuleFunction(f, def.ParamTypes(), def.ResultTypes()).Export(name)
	}
	for _, module := range order {
		compiled, err := builders[module].Compile(ctx)
		if err == nil {
			in.host = append(in.host, compiled)
			modules[module], err = in.comp.rt.r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName(""))
		}
		if err != nil {
			return nil, fmt.Errorf("link %s: %w", module, err)
		}
		in.host = append(in.host, modules[module])
	}
	return modules, nil
}

// imported returns the implementation of a core import.
func (in *Instance) imported(h *Host, at coreabi.Import) (api.GoModuleFunc, error) {
	if x, ok := in.comp.intrinsics[at]; ok {
		return in.intrinsic(x), nil
	}
	f := in.comp.imports[at]
	fn, ok := h.funcs[f.Name]
	var err error
	switch dynamic, isDynamic := fn.(Dynamic); {
	case !ok && in.trapMissing:
		return func(context.Context, api.Module, []uint64) { trap("the host does not provide %s", f.Name) }, nil
	case !ok:
		return nil, diag.New(f.Name, "the component imports it, but the host does not provide it").WithHint("its type is %v", f.Type)
	case isDynamic:
		var out api.GoModuleFunc
		if out, err = in.dynamicFunc(f, dynamic); err == nil {
			return out, nil
		}
	default:
		var g goFunc
		var s signatureOf
		if g, err = examine(reflect.TypeOf(fn)); err == nil {
			g.fn = reflect.ValueOf(fn)
			if s, err = in.fit(f.Type, &g); err == nil {
				return in.hostFunc(f, &s, g.params, g.callFunc), nil
			}
		}
	}
	return nil, diag.In(err, "", "", f.Name)
}

// intrinsic returns the implementation of a built-in of a resource type.
func (in *Instance) intrinsic(x intrinsic) api.GoModuleFunc {
	return func(ctx context.Context, mod api.Module, stack []uint64) {
		in.attach(mod)
		if !in.mayLeave && x.of != coreabi.Rep {
			trap("cannot leave component instance")
		}
		i := uint32(stack[0])
		switch x.of {
		case coreabi.New:
			stack[0] = uint64(in.table.add(handle{rt: x.rt, rep: i, own: true}))
		case coreabi.Rep:
			stack[0] = uint64(in.table.get(i, x.rt).rep)
		default:
			in.dropHandle(ctx, x.rt, i)
		}
	}
}

// destroy runs the destructor of a resource of the guest, if there is one.
func (in *Instance) destroy(ctx context.Context, rt *resourceType, rep uint32) error {
	var f api.Function
	if idle := in.dtors[rt]; len(idle) > 0 {
		f = idle[len(idle)-1]
		in.dtors[rt] = idle[:len(idle)-1]
	} else if f = in.mod.ExportedFunction(rt.dtor); f == nil {
		return nil
	}
	stack := [1]uint64{uint64(rep)}
	if err := f.CallWithStack(ctx, stack[:]); err != nil {
		return in.comp.failure(ctx, "", err)
	}
	in.dtors[rt] = append(in.dtors[rt], f)
	return nil
}

// Run runs a command to its end: the function _start of a module for WASI preview1, or wasi:cli/run#run. The error is an
// [*Exit] if the program ends with a code other than 0.
func (in *Instance) Run(ctx context.Context) error {
	if f := in.mod.ExportedFunction(startFunction); f != nil {
		err := in.start(ctx, f)
		if exit, ok := err.(*Exit); ok && exit.Code == 0 {
			return nil
		}
		return err
	}
	name := in.comp.runFunction()
	if name == "" {
		return diag.New("", "the component is no command: it exports neither %s nor wasi:cli/run", startFunction).WithHint("it exports %s", names(in.comp.exportList))
	}
	result, err := in.Call(ctx, name)
	if r, ok := result.(Result[any, any]); ok && r.IsErr {
		return &Exit{1}
	}
	return err
}

func (in *Instance) start(ctx context.Context, f api.Function) (err error) {
	if err := in.enter(startFunction); err != nil {
		return err
	}
	err = errUnfinished
	defer in.leave(startFunction, &err)
	if _, err := f.Call(ctx); err != nil {
		return in.comp.failure(ctx, startFunction, err)
	}
	return nil
}

// Close frees the instance. Destructors of its resources do not run.
func (in *Instance) Close(ctx context.Context) (err error) {
	if in.dead == nil {
		in.dead = errClosed
	}
	if in.mod != nil {
		err = in.mod.Close(ctx)
	}
	for _, c := range slices.Backward(in.host) {
		err = errors.Join(err, c.Close(ctx))
	}
	in.host = nil
	return err
}
