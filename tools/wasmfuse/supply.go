// This file implements the flag --supply.

package main

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

const supplyHelp = "satisfy imports of IMPORTER from exports of PROVIDER first: `IMPORTER=PROVIDER`, named as in --plug; a PROVIDER that is not an argument serves only the components that name it, and is omitted if it is not needed"

// supplyParser parses --supply flags. It collects providers that are not inputs yet, which only serve the components
// that they are to supply.
type supplyParser struct {
	files, private []string // inputs, and providers that are not among them
	names          []string // --name flags
}

// parse parses IMPORTER=PROVIDER. Both may contain "=": the left one is an input or a provider of another supply. Each
// is returned as its path, or as the given name.
func (p *supplyParser) parse(given []string) (supplies []fusecore.Supply, err error) {
	todo := slices.Clone(given)
	for _, find := range []func(string) string{p.exact, p.short} {
		for {
			var later []string
			for _, s := range todo {
				importer, provider := cutAt(s, find)
				if importer == "" {
					later = append(later, s)
					continue
				}
				supplies = append(supplies, fusecore.Supply{Importer: importer, Provider: p.provider(provider)})
			}
			if len(later) == len(todo) {
				break
			}
			todo = later
		}
	}
	if len(todo) > 0 {
		return nil, fmt.Errorf("--supply %q is not IMPORTER=PROVIDER with an IMPORTER among the inputs: %s", todo[0], strings.Join(p.files, ", "))
	}
	for _, s := range supplies {
		for _, c := range []string{s.Importer, s.Provider} {
			if n := p.namesOf(c); len(n) > 1 {
				return nil, fmt.Errorf("--supply %s=%s: %s has several names: write one of %s instead", s.Importer, s.Provider, c, strings.Join(n, ", "))
			}
		}
	}
	return supplies, nil
}

// provider finds a PROVIDER, which becomes an input if it is not one yet.
func (p *supplyParser) provider(s string) string {
	if c := p.exact(s); c != "" {
		return c
	}
	for _, n := range p.names {
		if file, ok := strings.CutPrefix(n, s+"="); ok && file != "" {
			p.private = append(p.private, file)
			return s
		}
	}
	if _, err := os.Stat(s); err != nil {
		if c := p.short(s); c != "" {
			return c
		}
	}
	p.private = append(p.private, s)
	return s
}

func (p *supplyParser) inputs() []string { return slices.Concat(p.files, p.private) }

// exact finds the component with a path or given name, or returns "".
func (p *supplyParser) exact(s string) string {
	for _, f := range p.inputs() {
		if f == s || slices.Contains(p.names, s+"="+f) {
			return s
		}
	}
	return ""
}

// short finds the only input with a base name, with or without extension, or returns "".
func (p *supplyParser) short(s string) (found string) {
	for _, f := range p.inputs() {
		base := f[strings.LastIndexAny(f, `/\`)+1:]
		if s != base && s != strings.TrimSuffix(base, path.Ext(base)) || f == found {
			continue
		}
		if found != "" {
			return ""
		}
		found = f
	}
	return found
}

// namesOf returns the names given to a file.
func (p *supplyParser) namesOf(file string) (names []string) {
	for _, s := range p.names {
		if n, ok := strings.CutSuffix(s, "="+file); ok {
			names = append(names, n)
		}
	}
	return names
}

// cutAt cuts at the first "=" after a component; importer is "" if there is none.
func cutAt(s string, find func(string) string) (importer, provider string) {
	for i := range len(s) {
		if s[i] == '=' && i+1 < len(s) {
			if c := find(s[:i]); c != "" {
				return c, s[i+1:]
			}
		}
	}
	return "", ""
}
