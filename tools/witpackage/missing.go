package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/witdecl"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/witfolder"
)

// notFound is the encoder's message about a package that files name, and that is not in the folder.
var notFound = regexp.MustCompile(`package '([^']+)' not found`)

// cure says what to do about a message of the encoder: which package is missing, and which versions of it there are instead.
func cure(message string, folder *witfolder.Folder) string {
	m := notFound.FindStringSubmatch(message)
	if m == nil {
		return "Every name must be declared, and every package that the files name must be among deps"
	}
	text := fmt.Sprintf("Every package that the files name must be among deps: add the wit_library of %s", m[1])
	id, version, _ := strings.Cut(m[1], "@")
	if name, ok := strings.CutPrefix(id, "wasi:"); ok && version != "" {
		text += fmt.Sprintf(", which is @wasi//%s:%s with the extension wasi", version, name)
	}
	others := map[string]bool{}
	for place, data := range folder.Files {
		if name, _, err := witdecl.Of(place, data); err == nil && name != m[1] {
			if other, _, _ := strings.Cut(name, "@"); other == id {
				others[name] = true
			}
		}
	}
	if len(others) > 0 {
		text += fmt.Sprintf("; or let the files name the version that deps have: %s", strings.Join(slices.Sorted(maps.Keys(others)), ", "))
	}
	return text
}
