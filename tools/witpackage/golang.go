package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/spelling"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witbindgen"
)

// The folders of wit-bindgen's layout of Go packages, and the package with the functions that the core module exports.
const (
	importsFolder  = "imports/"
	exportsFolder  = "exports/"
	exportsPackage = exportsFolder + "wit_exports"
	bindingsFile   = "/wit_bindings.go"
)

// goRule is what a target says about its packages in Go, which have to be those of the world.
type goRule struct {
	target     string              // its label
	importpath string              // of the folder that the packages are in
	imports    map[string][]string // the generated packages, each with those that it uses
	exports    []string            // the packages that the user completes
}

// files checks what is generated against what the target says, and returns the files of the packages: formatted, also those that
// the generator leaves out, so that each package has the same ones, and with a program that exports the functions.
func (r *goRule) files(generated []witbindgen.File) ([]witbindgen.File, error) {
	imports, exports := map[string][]string{}, map[string]bool{}
	var out []witbindgen.File
	made := map[string]bool{}
	add := func(name string, content []byte) {
		out = append(out, witbindgen.File{Name: name, Content: content})
		made[name] = true
	}
	for _, f := range generated {
		if path.Ext(f.Name) != ".go" {
			add(f.Name, f.Content)
			continue
		}
		places := token.NewFileSet()
		file, err := parse(places, f)
		if err != nil {
			return nil, err
		}
		var text bytes.Buffer
		if err := format.Node(&text, places, file); err != nil {
			return nil, err
		}
		add(f.Name, text.Bytes())
		used, err := r.uses(file)
		if err != nil {
			return nil, err
		}
		name := path.Dir(f.Name)
		if in, ok := strings.CutPrefix(name, importsFolder); ok {
			imports[in] = []string{}
			for _, u := range used {
				imports[in] = append(imports[in], strings.TrimPrefix(u, importsFolder))
			}
			continue
		}
		for _, u := range append(used, name) {
			if ex, ok := strings.CutPrefix(u, exportsFolder); ok && u != exportsPackage {
				exports[ex] = true
			}
		}
	}
	if err := r.check(imports, slices.Sorted(maps.Keys(exports))); err != nil {
		return nil, err
	}
	for _, name := range r.exports {
		if !made[exportsFolder+name+bindingsFile] {
			add(exportsFolder+name+bindingsFile, fmt.Appendf(nil, "// The functions of this package are those of the world's implementation.\n\npackage %s\n", name))
			add(exportsFolder+name+"/empty.s", nil)
		}
	}
	add("main.go", fmt.Appendf(nil, "// A core module that exports the functions of a world.\n\npackage main\n\nimport _ %q\n\nfunc main() {}\n",
		r.importpath+"/"+exportsPackage))
	return out, nil
}

// uses returns the generated packages that a file imports, from the folder of all.
func (r *goRule) uses(file *ast.File) (used []string, err error) {
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if p, ok := strings.CutPrefix(p, r.importpath+"/"); ok {
			used = append(used, p)
		}
	}
	slices.Sort(used)
	return used, nil
}

// parse parses a generated file. It refuses one with asynchronous functions, and one that declares a name twice: a function and a
// constructor, say, or what two interfaces have if their names become that of one package.
func parse(places *token.FileSet, f witbindgen.File) (*ast.File, error) {
	file, err := parser.ParseFile(places, f.Name, f.Content, parser.ParseComments|parser.DeclarationErrors)
	if err := synchronous(file); err != nil {
		return nil, err
	}
	var found scanner.ErrorList
	errors.As(err, &found)
	for _, e := range found {
		if declared, ok := strings.CutSuffix(strings.SplitN(e.Msg, "\n", 2)[0], " redeclared in this block"); ok {
			return nil, fmt.Errorf("two things of the world become %s in the Go package %s: rename one, or use another language", declared, path.Dir(f.Name))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the generator wrote %s, which is no Go: %w", f.Name, err)
	}
	return file, nil
}

// synchronous refuses a file with functions that need a Go whose scheduler the component model's tasks can enter. None is released.
func synchronous(file *ast.File) error {
	for _, comments := range file.Comments {
		for _, c := range comments.List {
			if function, ok := asynchronous(c); ok {
				return fmt.Errorf("the function %s is asynchronous, or passes a stream or future, which no released version of Go can do: use another language, or a world without such functions", function)
			}
		}
	}
	return nil
}

// asynchronous returns the function that a directive is about, if it is one of an asynchronous function, a stream or a future.
func asynchronous(c *ast.Comment) (string, bool) {
	fields := strings.Fields(c.Text)
	if len(fields) < 2 || !strings.Contains(c.Text, "[async-l") {
		return "", false
	}
	last := fields[len(fields)-1]
	name := last[strings.LastIndex(last, "]")+1:]
	switch {
	case fields[0] == "//go:wasmexport":
		return name, true
	case fields[0] == "//go:wasmimport" && len(fields) == 3:
		return strings.TrimPrefix(fields[1], "[export]") + "#" + name, true
	}
	return "", false
}

// check compares the packages of the world with those that the target says.
func (r *goRule) check(imports map[string][]string, exports []string) error {
	var wrong []error
	if !maps.EqualFunc(imports, r.imports, func(a, b []string) bool {
		b = slices.Clone(b)
		slices.Sort(b)
		return slices.Equal(a, b)
	}) {
		wrong = append(wrong, fmt.Errorf("imports has to be the generated packages, each with those that it uses: write\n%s", attribute(imports)))
	}
	for _, name := range exports {
		if !slices.Contains(r.exports, name) {
			wrong = append(wrong, fmt.Errorf("exports has no %q: add it, with a go_library that defines the functions of this package, and has %q in embed",
				name, r.target[strings.LastIndex(r.target, ":"):]+"_"+name))
		}
	}
	for _, name := range r.exports {
		if slices.Contains(exports, name) {
			continue
		}
		if len(exports) == 0 {
			wrong = append(wrong, fmt.Errorf("exports: %q: the world exports nothing: remove it", name))
			continue
		}
		nearest := slices.MinFunc(exports, spelling.Near(name))
		wrong = append(wrong, fmt.Errorf("exports: %q is no package of the world: remove it, or write %q", name, nearest))
	}
	return errors.Join(wrong...)
}

// attribute writes the attribute imports as in a BUILD file.
func attribute(imports map[string][]string) string {
	if len(imports) == 0 {
		return "    imports = {},"
	}
	var b strings.Builder
	b.WriteString("    imports = {\n")
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		var uses []string
		for _, u := range imports[name] {
			uses = append(uses, strconv.Quote(u))
		}
		fmt.Fprintf(&b, "        %q: [%s],\n", name, strings.Join(uses, ", "))
	}
	b.WriteString("    },")
	return b.String()
}
