// This file implements compiled components.

package engine

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/engine/internal/core"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/preview1"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Func is an imported or exported function of a component.
type Func struct {
	Name string // "ns:pkg/interface@1.0.0#function", or "function" if it belongs to no interface
	Type *FuncType
}

// Component is a compiled component. Several goroutines may instantiate it.
type Component struct {
	rt  *Runtime
	mod wazero.CompiledModule
	abi *coreabi.ABI

	encoding cabi.Encoding
	// imports, exports and intrinsics are by their names in the core module, resources by identity.
	imports    map[coreabi.Import]*importedFunc
	exports    map[string]*exportedFunc // by Func.Name
	intrinsics map[coreabi.Import]intrinsic
	resources  map[*ctypes.Resource]*resourceType

	importList, exportList []Func
}

// importedFunc is a function that the component imports.
type importedFunc struct {
	Func
	iface, item string
}

// exportedFunc is a function that the component exports, with the names of its core functions.
type exportedFunc struct {
	Func
	core, post string
}

// intrinsic is a built-in of a resource type.
type intrinsic struct {
	of coreabi.Intrinsic
	rt *resourceType
}

// Compile compiles a component, or a core module. Components are fused to one core module, with WASI 0.2 over
// preview1. A core module has the core-module ABI of WIT and a custom section with its world, such as
// `wasmfuse fuse --emit=module` writes; or it only imports WASI preview1, and is a command.
func (rt *Runtime) Compile(ctx context.Context, wasm []byte) (*Component, error) {
	return rt.CompileGraph(ctx, fusecore.Graph{Root: fusecore.Input{Name: "component.wasm", Bytes: wasm}})
}

// CompileGraph links a graph of components and compiles the result, as [Runtime.Compile] does with one component. A root
// without dependencies may also be a core module.
func (rt *Runtime) CompileGraph(ctx context.Context, g fusecore.Graph) (*Component, error) {
	if len(g.Deps) == 0 && decode.Sniff(g.Root.Bytes) == decode.CoreModule {
		c, err := rt.compile(ctx, g.Root.Bytes)
		return c, diag.In(err, cmp.Or(g.Root.Label, g.Root.Name), "", "")
	}
	r, err := fusecore.Fuse(ctx, g, fusecore.FuseOptions{Emit: fusecore.EmitModule, Memory: fusecore.SingleMemory, WASI: fusecore.Preview1,
		Leave: rt.leave(g), NoNetwork: true, SkipBodyValidation: rt.opts.SkipBodyValidation})
	if err != nil {
		return nil, err
	}
	return rt.compile(ctx, r.Bytes())
}

// leave returns the elements of Options.Leave that name an import of a graph's components.
func (rt *Runtime) leave(g fusecore.Graph) (out []string) {
	if len(rt.opts.Leave) == 0 {
		return nil
	}
	var imports []iface.Extern
	for _, in := range append([]fusecore.Input{g.Root}, g.Deps...) {
		s, err := iface.Read(in.Name, in.Bytes)
		if err != nil {
			return rt.opts.Leave // fusing reports what is wrong
		}
		imports = append(imports, s.Imports...)
	}
	for _, pattern := range rt.opts.Leave {
		if slices.ContainsFunc(imports, func(x iface.Extern) bool { return preview1.Leaves(pattern, x.Name) }) {
			out = append(out, pattern)
		}
	}
	return out
}

// buildTargets reports whether a module's exports have the names of BuildTargets.md. It may lack a memory, or functions.
func buildTargets(mod wazero.CompiledModule) bool {
	if _, ok := mod.ExportedMemories()[coreabi.CM32P2.Memory]; ok {
		return true
	}
	for name := range mod.ExportedFunctions() {
		if strings.HasPrefix(name, "cm32p2|") {
			return true
		}
	}
	return false
}

// compile compiles a core module.
func (rt *Runtime) compile(ctx context.Context, wasm []byte) (*Component, error) {
	mod, err := rt.r.CompileModule(experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0)), wasm)
	if err != nil {
		return nil, core.CompileError(err)
	}
	c := &Component{rt: rt, mod: mod, abi: &coreabi.WITNames, imports: map[coreabi.Import]*importedFunc{}, exports: map[string]*exportedFunc{},
		intrinsics: map[coreabi.Import]intrinsic{}, resources: map[*ctypes.Resource]*resourceType{}}
	if buildTargets(mod) {
		c.abi = &coreabi.CM32P2
	}
	var sections [][]byte
	for _, s := range mod.CustomSections() {
		if worldsection.Named(s.Name()) {
			sections = append(sections, s.Data())
		}
	}
	w, encoding, err := worldsection.Read(ctx, sections)
	if err == nil {
		c.encoding = encoding
		c.resourcesOf(w.Imports, true)
		c.resourcesOf(w.Exports, false)
		err = c.functions(w)
	}
	if err != nil {
		mod.Close(ctx)
		return nil, err
	}
	return c, nil
}

// each calls f with each function and type of a world's imports or exports.
func each(items []world.Item, f func(it coreabi.Item, x *world.Item)) {
	for i := range items {
		if x := &items[i]; x.Sort != component.SortInstance {
			f(coreabi.Item{Name: x.Name}, x)
		} else {
			for j := range x.Items {
				f(coreabi.Item{Interface: x.Name, Name: x.Items[j].Name}, &x.Items[j])
			}
		}
	}
}

// publicName returns the name of an item for users of this package.
func publicName(it coreabi.Item) string {
	if it.Interface == "" {
		return it.Name
	}
	return it.Interface + "#" + it.Name
}

// resourcesOf records the resource types of imports or exports.
func (c *Component) resourcesOf(items []world.Item, imported bool) {
	each(items, func(it coreabi.Item, x *world.Item) {
		if x.Sort != component.SortType || x.Resource == nil {
			return
		}
		rt := c.resources[x.Resource]
		if rt == nil {
			rt = &resourceType{name: publicName(it), imported: imported}
			c.resources[x.Resource] = rt
		}
		switch {
		case imported:
			rt.names = append(rt.names, publicName(it))
			c.intrinsics[c.abi.Imported(it)] = intrinsic{coreabi.Drop, rt}
		case !rt.imported:
			rt.dtor = cmp.Or(rt.dtor, c.abi.Destructor(it))
			for _, of := range []coreabi.Intrinsic{coreabi.Drop, coreabi.New, coreabi.Rep} {
				c.intrinsics[c.abi.Exported(of, it)] = intrinsic{of, rt}
			}
		}
	})
}

// functions records the functions of a world, and checks that the module's imports and exports are those of the world.
func (c *Component) functions(w *world.World) (err error) {
	each(w.Imports, func(it coreabi.Item, x *world.Item) {
		if x.Sort == component.SortFunc {
			f := Func{publicName(it), x.FuncType}
			c.imports[c.abi.Func(it)] = &importedFunc{f, it.Interface, it.Name}
			c.importList = append(c.importList, f)
		}
	})
	each(w.Exports, func(it coreabi.Item, x *world.Item) {
		if x.Sort == component.SortFunc {
			f := Func{publicName(it), x.FuncType}
			c.exports[f.Name] = &exportedFunc{f, c.abi.Export(it), c.abi.PostReturn(it)}
			c.exportList = append(c.exportList, f)
		}
	})
	layouts := cabi.New()
	for _, def := range c.mod.ImportedFunctions() {
		module, name, _ := def.Import()
		at := coreabi.Import{Module: module, Name: name}
		f := c.imports[at]
		if f != nil {
			err = cmp.Or(err, signature(f.Func, def, layouts.Lowered(f.Type, cabi.Options{})))
		} else if _, ok := c.intrinsics[at]; !ok && module != preview1.Module {
			err = cmp.Or(err, error(diag.New("core module", "it imports %q from %q, which is not part of its world", name, module).
				WithHint("a core module needs the custom section component-type, which `wasmfuse fuse --emit=module` and `wasm-tools component embed` write")))
		}
	}
	defs := c.mod.ExportedFunctions()
	for _, f := range c.exportList {
		x := c.exports[f.Name]
		if def := defs[x.core]; def == nil {
			err = cmp.Or(err, error(diag.New("core module", "it does not export %q, which its world has", x.core)))
		} else {
			err = cmp.Or(err, signature(f, def, layouts.Lifted(f.Type, cabi.Options{})))
		}
	}
	return err
}

// signature checks the core type of a function.
func signature(f Func, def api.FunctionDefinition, want corewasm.FuncType) error {
	same := func(v api.ValueType, t corewasm.ValType) bool { return api.ValueTypeName(v) == t.String() }
	switch {
	case f.Type.Async:
		return diag.New(f.Name, "asynchronous functions need an engine with support for components")
	case !slices.EqualFunc(def.ParamTypes(), want.Params, same) || !slices.EqualFunc(def.ResultTypes(), want.Results, same):
		return diag.New(f.Name, "its core function has other parameters or results than the Canonical ABI gives %v", f.Type)
	}
	return nil
}

// Imports returns the functions that the component imports, in the order of its world. Those of WASI that the
// implementation over preview1 supplies are not among them.
func (c *Component) Imports() []Func { return slices.Clone(c.importList) }

// Exports returns the functions that the component exports, in the order of its world.
func (c *Component) Exports() []Func { return slices.Clone(c.exportList) }

// IsCommand reports whether the component is a program that [Instance.Run] runs.
func (c *Component) IsCommand() bool {
	_, ok := c.mod.ExportedFunctions()[startFunction]
	return ok || c.runFunction() != ""
}

// runFunction returns the name of the function wasi:cli/run#run of any version, or "".
func (c *Component) runFunction() string {
	for _, f := range c.exportList {
		if strings.HasPrefix(f.Name, "wasi:cli/run@0.2.") && strings.HasSuffix(f.Name, "#run") {
			return f.Name
		}
	}
	return ""
}

// Close frees the component's code. Instances that exist stay usable.
func (c *Component) Close(ctx context.Context) error { return c.mod.Close(ctx) }
