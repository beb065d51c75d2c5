// Package reporting writes reports of fusing: as JSON for programs, as text for people, and as a page for a browser.
package reporting

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// Format is a form of a report.
type Format uint8

// The formats.
const (
	JSON Format = iota // as report.schema.json of fusecore describes it
	Text
	Page // HTML, in one file that needs nothing else
)

var extensions = map[string]Format{".json": JSON, ".txt": Text, ".html": Page}

// FormatOf returns the format of a file by its extension. Standard output, whose name is "-", gets JSON.
func FormatOf(file string) (Format, error) {
	if file == "-" {
		return JSON, nil
	}
	f, ok := extensions[strings.ToLower(filepath.Ext(file))]
	if !ok {
		return 0, fmt.Errorf("the name of a report says its form: FILE.json, FILE.html or FILE.txt, and %s is none of them", file)
	}
	return f, nil
}

// Write returns a report in a format. The same report makes the same bytes.
func Write(r *fusecore.Report, f Format) ([]byte, error) {
	switch f {
	case Text:
		return text(r), nil
	case Page:
		return page(r)
	}
	b, err := json.MarshalIndent(r, "", "  ")
	return append(b, '\n'), err
}

// Read reads a report in JSON.
func Read(b []byte) (*fusecore.Report, error) {
	var r fusecore.Report
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("it is not a report in JSON: %w", err)
	}
	if r.Version != fusecore.ReportVersion {
		return nil, fmt.Errorf("it is a report of version %d, and this program reads version %d: make it again with --report", r.Version, fusecore.ReportVersion)
	}
	return &r, nil
}

// class describes a class of boundaries.
type class struct {
	Name, Does, Costs string
}

// classes are from the cheapest to the most expensive one.
var classes = []class{
	{fusecore.ClassDirect, "the caller calls the callee's function itself", "nothing but the call, which can be inlined"},
	{fusecore.ClassForward, "a check precedes the call of a host function", "a comparison"},
	{fusecore.ClassScalar, "values that are passed in registers are checked or normalised", "a few instructions"},
	{fusecore.ClassCopy, "lists and strings are copied from one memory to the other", "an allocation in the receiver, and a copy of the bytes"},
	{fusecore.ClassTranscode, "strings are converted from one encoding to the other", "an allocation, and a pass over the characters"},
	{fusecore.ClassHandles, "resource handles move from one table to the other", "a look-up and a change of a table for each handle"},
	{fusecore.ClassComposed, "the engine passes the call between components of the output", "the engine's Canonical ABI code"},
}

func classOf(name string) class {
	for _, c := range classes {
		if c.Name == name {
			return c
		}
	}
	return class{Name: name}
}

// Size returns a number of bytes as text. A KB is 1000 bytes.
func Size[N int | int64](n N) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1e6:
		return fmt.Sprintf("%.1f KB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// isHost reports whether a component is the surroundings of the output.
func isHost(c fusecore.ReportedComponent) bool { return c.Path == fusecore.HostPath }
