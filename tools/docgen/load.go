// This file implements the evaluation of Starlark files.

package main

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// loader evaluates files and keeps their definitions.
type loader struct {
	root   fs.FS
	loaded map[string]starlark.StringDict // by path below root; nil while being loaded
}

func newLoader(root fs.FS) *loader {
	return &loader{root: root, loaded: map[string]starlark.StringDict{}}
}

// options of the dialect of .bzl files.
var options = &syntax.FileOptions{}

// file evaluates a file, given by its path, and returns its globals and its doc string.
func (l *loader) file(name string) (starlark.StringDict, string, error) {
	src, err := fs.ReadFile(l.root, name)
	if err != nil {
		return nil, "", err
	}
	tree, err := options.Parse(name, src, 0)
	if err != nil {
		return nil, "", err
	}
	globals, err := l.eval(name, src)
	return globals, docString(tree.Stmts), err
}

func (l *loader) eval(name string, src []byte) (starlark.StringDict, error) {
	l.loaded[name] = nil
	// Any unknown name may be one of Bazel's. Those that builtins lacks fail only where they are used.
	predeclared := builtins()
	tree, program, err := starlark.SourceProgramOptions(options, name, src, func(id string) bool {
		_, universal := starlark.Universe[id]
		return !universal || predeclared.Has(id)
	})
	if err != nil {
		return nil, err
	}
	thread := &starlark.Thread{Name: name, Load: func(_ *starlark.Thread, label string) (starlark.StringDict, error) {
		if strings.HasPrefix(label, "@") {
			return standIns(tree, label), nil
		}
		return l.load(path.Dir(name), label)
	}}
	globals, err := program.Init(thread, predeclared)
	if err != nil {
		if e, ok := err.(*starlark.EvalError); ok {
			return nil, fmt.Errorf("%s", e.Backtrace())
		}
		return nil, err
	}
	for global, value := range globals {
		if n, ok := value.(named); ok {
			n.setName(global)
		}
	}
	l.loaded[name] = globals
	return globals, nil
}

// standIns returns placeholders for the names that a file loads from another repository.
func standIns(tree *syntax.File, label string) starlark.StringDict {
	out := starlark.StringDict{}
	for _, stmt := range tree.Stmts {
		if load, ok := stmt.(*syntax.LoadStmt); ok && load.ModuleName() == label {
			for _, from := range load.From {
				out[from.Name] = &standIn{from.Name}
			}
		}
	}
	return out
}

// load resolves the label of a load statement within the root.
func (l *loader) load(pkg, label string) (starlark.StringDict, error) {
	var name string
	if strings.HasPrefix(label, "//") {
		name = strings.TrimPrefix(strings.Replace(strings.TrimPrefix(label, "//"), ":", "/", 1), "/")
	} else {
		name = path.Join(pkg, strings.TrimPrefix(label, ":"))
	}
	if globals, ok := l.loaded[name]; ok {
		if globals == nil {
			return nil, fmt.Errorf("load(%q): the file loads itself", label)
		}
		return globals, nil
	}
	src, err := fs.ReadFile(l.root, name)
	if err != nil {
		return nil, err
	}
	return l.eval(name, src)
}

// docString returns the text of a file's first statement, if that is a string.
func docString(stmts []syntax.Stmt) string {
	if len(stmts) == 0 {
		return ""
	}
	if e, ok := stmts[0].(*syntax.ExprStmt); ok {
		if lit, ok := e.X.(*syntax.Literal); ok && lit.Token == syntax.STRING {
			return lit.Value.(string)
		}
	}
	return ""
}
