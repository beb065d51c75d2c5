// This file implements the reading of WIT and component files.

package wit

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/rule"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// files reads each file of the repository at most once.
type files struct {
	wits  map[string]*witFile
	wasms map[string]*wasmFile
}

func newFiles() *files { return &files{wits: map[string]*witFile{}, wasms: map[string]*wasmFile{}} }

// witFile is a parsed file. A binary file is converted to text first, which omits documentation and expands includes.
type witFile struct {
	tree   *witsyntax.File
	errs   []*witsyntax.Error
	sum    [sha256.Size]byte
	binary bool
}

// wasmFile is a .wasm file that may be a component or a WIT package.
type wasmFile struct {
	component bool // a component that can be linked
	wit       bool // a WIT package
	iface.Surface
	sum [sha256.Size]byte
	err error // why the component's interface cannot be read
}

// wit parses a file, named relative to the root of the repository.
func (fs *files) wit(root, name string) (*witFile, error) {
	if f, ok := fs.wits[name]; ok {
		return f, nil
	}
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	f := &witFile{sum: sha256.Sum256(src), binary: isBinary(name)}
	if f.binary {
		p, err := iface.ReadPackage(name, src)
		if err != nil {
			return nil, err
		}
		src = []byte(p.Text())
	}
	f.tree, f.errs = witsyntax.Parse(name, src)
	fs.wits[name] = f
	return f, nil
}

// isBinary reports whether a WIT package is in binary form.
func isBinary(name string) bool { return strings.HasSuffix(name, ".wasm") }

// isWIT reports whether a file contains WIT, as text or in binary form.
func (fs *files) isWIT(root, name string) bool {
	return isText(name) || isBinary(name) && fs.wasm(root, name).wit
}

// wasm reads a file, named relative to the root of the repository. Only components are read beyond their first bytes.
func (fs *files) wasm(root, name string) *wasmFile {
	if f, ok := fs.wasms[name]; ok {
		return f
	}
	f := &wasmFile{}
	fs.wasms[name] = f
	file, err := os.Open(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return f
	}
	defer file.Close()
	var first [8]byte
	if _, err := io.ReadFull(file, first[:]); err != nil || !iface.IsComponent(first[:]) {
		return f
	}
	rest, err := io.ReadAll(file)
	if err != nil {
		f.component, f.err = true, fmt.Errorf("%s: %w", name, err)
		return f
	}
	all := append(first[:], rest...)
	if f.wit = iface.IsPackage(all); f.wit {
		return f
	}
	f.component = true
	f.sum = sha256.Sum256(all)
	f.Surface, f.err = iface.Read(name, all)
	return f
}

// sources returns the files of a srcs attribute, relative to the root of the repository: plain names, labels of files,
// and the candidates, which are relative to pkg, that a glob matches. isGlob reports whether there is a glob.
func sources(r *rule.Rule, attr, pkg string, candidates []string) (names []string, isGlob bool) {
	if g, ok := rule.ParseGlobExpr(r.Attr(attr)); ok {
		for _, c := range candidates {
			if globbed(g.Patterns, c) && !globbed(g.Excludes, c) {
				names = append(names, path.Join(pkg, c))
			}
		}
		return names, true
	}
	list := r.AttrStrings(attr)
	if s := r.AttrString(attr); s != "" {
		list = append(list, s)
	}
	for _, s := range list {
		switch {
		case strings.HasPrefix(s, "@"):
		case strings.HasPrefix(s, "//"):
			p, name, _ := strings.Cut(s[2:], ":")
			names = append(names, path.Join(p, name))
		default:
			names = append(names, path.Join(pkg, strings.TrimPrefix(s, ":")))
		}
	}
	return names, false
}

// globbed reports whether a pattern of Bazel's glob matches a name. "**" matches any number of folders.
func globbed(patterns []string, name string) bool {
	for _, p := range patterns {
		if segments(strings.Split(p, "/"), strings.Split(name, "/")) {
			return true
		}
	}
	return false
}

func segments(pattern, name []string) bool {
	if len(pattern) == 0 || len(name) == 0 {
		return len(pattern) == 0 && len(name) == 0
	}
	if pattern[0] == "**" {
		for i := 0; i <= len(name); i++ {
			if segments(pattern[1:], name[i:]) || i == len(name) && len(pattern) == 1 {
				return true
			}
		}
		return false
	}
	ok, _ := path.Match(pattern[0], name[0])
	return ok && segments(pattern[1:], name[1:])
}
