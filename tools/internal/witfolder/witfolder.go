// Package witfolder makes the folder of WIT files that the encoder of package componentnew reads.
package witfolder

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/witdecl"
)

// Folder is a WIT folder in memory: the files of a package, and its dependencies in deps.
type Folder struct {
	// Root is the argument for the encoder: the folder, or the file of a package in binary form, which contains all that it
	// needs.
	Root  string
	Files map[string][]byte // by path
	hosts map[string]string // where each file is on this machine
}

// Read reads the folder that a list describes, with an element PLACE=FILE for each file.
func Read(list []string) (*Folder, error) {
	f := &Folder{Root: "wit", Files: map[string][]byte{}, hosts: map[string]string{}}
	binaries := map[string]*iface.Package{}
	declared := map[string]bool{}
	var order []string
	for _, w := range list {
		guest, host, _ := strings.Cut(w, "=")
		data, err := fileio.Read(host, os.Stdin)
		if err != nil {
			return nil, err
		}
		place := path.Join("wit", guest)
		if f.Files[place] != nil {
			return nil, fmt.Errorf("two files of the WIT folder are %s", guest)
		}
		f.Files[place], f.hosts[place] = data, host
		switch {
		case !witdecl.IsBinary(guest):
			if name, _, err := witdecl.Text(string(data)); err == nil && name != "" {
				declared[name] = true // the encoder reports what cannot be read
			}
		case !strings.Contains(guest, "/"):
			f.Root = place
		default:
			p, err := iface.ReadPackage(host, data)
			if err != nil {
				return nil, err
			}
			binaries[place] = p
			order = append(order, place)
		}
	}
	if overlaps(binaries, declared) {
		f.asText(binaries, order, declared)
	}
	return f, nil
}

// Locate replaces the paths of files, and of folders of dependencies, in a message of the encoder by those on this machine.
func (f *Folder) Locate(message string) string {
	hosts := maps.Clone(f.hosts)
	for place, host := range f.hosts {
		if dir := path.Dir(place); path.Dir(dir) == "wit/deps" {
			at := path.Dir(filepath.ToSlash(host))
			if other, ok := hosts[dir]; !ok || at < other { // sources and generated files have different folders
				hosts[dir] = at
			}
		}
	}
	// The longest first, because one path may be the beginning of another.
	places := slices.SortedFunc(maps.Keys(hosts), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	var pairs []string
	for _, place := range places {
		pairs = append(pairs, "/"+place, hosts[place])
	}
	return strings.NewReplacer(pairs...).Replace(message)
}

// overlaps reports whether a package in binary form contains a package that is also there as text. The encoder
// accepts each package only once.
func overlaps(binaries map[string]*iface.Package, declared map[string]bool) bool {
	for _, p := range binaries {
		for _, u := range p.Uses {
			if declared[u.Name] {
				return true
			}
		}
	}
	return false
}

// asText replaces packages in binary form by text. Packages within them that are not there otherwise go into the first
// one that needs them.
func (f *Folder) asText(binaries map[string]*iface.Package, order []string, declared map[string]bool) {
	for _, p := range binaries {
		declared[p.Name] = true
	}
	for _, place := range order {
		p := binaries[place]
		text := p.Text()
		for i := range p.Uses {
			if u := &p.Uses[i]; !declared[u.Name] {
				declared[u.Name] = true
				text += "\n" + u.Nested()
			}
		}
		delete(f.Files, place)
		converted := path.Join(strings.TrimSuffix(place, ".wasm"), "package.wit")
		f.Files[converted], f.hosts[converted] = []byte(text), f.hosts[place]
	}
}
