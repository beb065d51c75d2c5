package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

const supplyHelp = "look among the exports of one component first for what another imports: IMPORTER=PROVIDER, repeated; a PROVIDER that is no argument is an input for that alone, and left out if nothing needs it"

// parseSupplies reads IMPORTER=PROVIDER. It gives the files that only serve those that they are to supply: providers that
// are no inputs yet. Both sides may hold "=" themselves: the left one is an input or a provider of another supply.
func parseSupplies(given, files []string) (supplies []fusecore.Supply, private []string, err error) {
	known := map[string]bool{}
	for _, f := range files {
		known[f] = true
	}
	todo := slices.Clone(given)
	for len(todo) > 0 {
		var later []string
		for _, s := range todo {
			importer, provider, ok := cutAt(s, known)
			if !ok {
				later = append(later, s)
				continue
			}
			if !known[provider] {
				known[provider] = true
				private = append(private, provider)
			}
			supplies = append(supplies, fusecore.Supply{Importer: importer, Provider: provider})
		}
		if len(later) == len(todo) {
			return nil, nil, fmt.Errorf("--supply %q is not IMPORTER=PROVIDER with an IMPORTER among the inputs: %s", later[0], strings.Join(files, ", "))
		}
		todo = later
	}
	return supplies, private, nil
}

// cutAt cuts at an "=" behind one of the known files.
func cutAt(s string, known map[string]bool) (importer, provider string, ok bool) {
	for i := range len(s) {
		if s[i] == '=' && known[s[:i]] && i+1 < len(s) {
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}
