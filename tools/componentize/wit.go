// This file implements the folder of WIT files that the encoder reads.

package main

import (
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/witdecl"
)

// witFolder reads the WIT folder that the options describe into files, and returns the argument for the encoder: the
// folder, or the file of a package in binary form, which contains all that it needs.
func witFolder(list []string, files map[string][]byte) (root string, err error) {
	root = "wit"
	binaries := map[string]*iface.Package{}
	declared := map[string]bool{}
	var order []string
	for _, w := range list {
		guest, host, _ := strings.Cut(w, "=")
		data, err := fileio.Read(host, os.Stdin)
		if err != nil {
			return "", err
		}
		place := path.Join("wit", guest)
		if files[place] != nil {
			return "", fmt.Errorf("two files of the WIT folder are %s", guest)
		}
		files[place] = data
		switch {
		case !witdecl.IsBinary(guest):
			if name, _, err := witdecl.Text(string(data)); err == nil && name != "" {
				declared[name] = true // the encoder reports what cannot be read
			}
		case !strings.Contains(guest, "/"):
			root = place
		default:
			p, err := iface.ReadPackage(host, data)
			if err != nil {
				return "", err
			}
			binaries[place] = p
			order = append(order, place)
		}
	}
	if overlaps(binaries, declared) {
		asText(binaries, order, declared, files)
	}
	return root, nil
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
func asText(binaries map[string]*iface.Package, order []string, declared map[string]bool, files map[string][]byte) {
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
		delete(files, place)
		files[path.Join(strings.TrimSuffix(place, ".wasm"), "package.wit")] = []byte(text)
	}
}
