// This file implements the provenance of outputs: what they were made of.

package fusecore

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/producers"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/sections"
)

// ProvenanceSection is the name of the custom section of an output with its [Provenance], in JSON.
const ProvenanceSection = "wasmfuse-provenance"

// provenanceFormat is the Format of a Provenance that this version makes and reads.
const provenanceFormat = 1

// Provenance says what an output was made of: everything that determines its bytes. It has no paths, times or names of
// machines, so the same graph, options and program make the same provenance everywhere.
type Provenance struct {
	Format int    `json:"format"` // 1
	Tool   string `json:"tool"`   // the program and its version: "wasmfuse 0.1.0"
	// Document is the WAC document, whose Inputs are then its packages. Otherwise the first of Inputs is the root.
	Document *File             `json:"document,omitempty"`
	Inputs   []ProvenanceInput `json:"inputs"`
	Plugs    []Plug            `json:"plugs,omitempty"`
	Supplies []Supply          `json:"supplies,omitempty"`
	Options  ProvenanceOptions `json:"options"`
}

// File is a file by its content.
type File struct {
	// Name is the end of the file's path that no other input's path has, without folders if possible, or a given name.
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // in hexadecimal digits
}

// ProvenanceInput is an input; see [Input].
type ProvenanceInput struct {
	File
	Packages []string `json:"packages,omitempty"`
	Private  bool     `json:"private,omitempty"`
}

// Producer is a language, tool or SDK with which a file says that it was made.
type Producer struct {
	Field   string // "language", "processed-by" or "sdk"
	Name    string
	Version string // may be empty
}

// Producers returns what a module or component says about how it was made, also of modules and components in it.
func Producers(in Input) (out []Producer) {
	producers.Read(in.Bytes).Each(func(field, name, version string) { out = append(out, Producer{field, name, version}) })
	return out
}

// ProvenanceOptions are the options that are not the default ones; see [FuseOptions].
type ProvenanceOptions struct {
	Emit      Emit       `json:"emit,omitzero"`
	Memory    MemoryMode `json:"memory,omitzero"`
	Reserve   uint64     `json:"reserve,omitzero"` // in bytes
	ABI       ABI        `json:"abi,omitzero"`
	WASI      WASI       `json:"wasi,omitzero"`
	Leave     []string   `json:"leave,omitempty"`
	NoNetwork bool       `json:"noNetwork,omitzero"`
	NoSIMD    bool       `json:"noSIMD,omitzero"`
	Imports   []string   `json:"imports,omitzero"` // an empty list allows none
	Optimize  Optimize   `json:"optimize,omitzero"`
	NoShake   bool       `json:"noShake,omitzero"`
	Strip     Strip      `json:"strip,omitzero"`
	DWARF     DWARF      `json:"dwarf,omitzero"`
}

// NewProvenance returns the provenance of what [Fuse] makes of a graph.
func NewProvenance(g Graph, o FuseOptions) *Provenance {
	p := &Provenance{Format: provenanceFormat, Tool: tool(o.Version), Inputs: []ProvenanceInput{}, Options: newProvenanceOptions(&o)}
	all := g.inputs()
	paths := make([]string, len(all))
	for i := range all {
		paths[i] = cmp.Or(all[i].Name, all[i].File)
	}
	short := distinct(paths)
	digests := map[*byte]string{} // an input with several names is one slice of bytes
	for i := range all {
		in := &all[i]
		at := bytesAt(in.Bytes)
		if digests[at] == "" || at == nil {
			digests[at] = digest(in.Bytes)
		}
		p.Inputs = append(p.Inputs, ProvenanceInput{File{short[i], digests[at]}, in.Packages, in.Private})
	}
	// Wirings name inputs in several ways, of which only whole paths change.
	rename := func(name string) string {
		if i := slices.Index(paths, name); i >= 0 {
			return short[i]
		}
		return name
	}
	for _, plug := range g.Plugs {
		plug.Importer, plug.Provider = rename(plug.Importer), rename(plug.Provider)
		p.Plugs = append(p.Plugs, plug)
	}
	for _, s := range g.Supplies {
		p.Supplies = append(p.Supplies, Supply{rename(s.Importer), rename(s.Provider)})
	}
	if d := g.Document; d != nil {
		p.Document = &File{path.Base(slashes(d.Name)), digest(d.Text)}
	}
	return p
}

// toolName is the name of this program.
const toolName = "wasmfuse"

// tool returns the name of this program with its version, which may be empty.
func tool(version string) string { return strings.TrimSpace(toolName + " " + version) }

func newProvenanceOptions(o *FuseOptions) ProvenanceOptions {
	return ProvenanceOptions{
		Emit: o.Emit, Memory: o.Memory, Reserve: o.Reserve, ABI: o.ABI, WASI: o.WASI, Leave: o.Leave, NoNetwork: o.NoNetwork,
		NoSIMD: cmp.Or(o.Features, DefaultFeatures)&SIMD == 0, Imports: o.Imports, Optimize: o.Optimize, NoShake: o.NoShake, Strip: o.Strip, DWARF: o.DWARF,
	}
}

// options returns the options with which the output was made by a program of some version.
func (po *ProvenanceOptions) options(version string) FuseOptions {
	o := FuseOptions{
		Emit: po.Emit, Memory: po.Memory, Reserve: po.Reserve, ABI: po.ABI, WASI: po.WASI, Leave: po.Leave, NoNetwork: po.NoNetwork,
		Imports: po.Imports, Optimize: po.Optimize, NoShake: po.NoShake, Strip: po.Strip, DWARF: po.DWARF, Version: version, Provenance: true,
	}
	if po.NoSIMD {
		o.Features = Baseline
	}
	return o
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// bytesAt identifies a slice.
func bytesAt(b []byte) *byte {
	if len(b) == 0 {
		return nil
	}
	return &b[0]
}

func slashes(file string) string { return strings.ReplaceAll(file, `\`, "/") }

// distinct returns for each path its shortest end, of whole elements, that is no end of a different path.
func distinct(paths []string) []string {
	full := make([]string, len(paths))
	for i := range paths {
		full[i] = slashes(paths[i])
	}
	unique := func(p, end string) bool {
		return !slices.ContainsFunc(full, func(q string) bool { return q != p && (q == end || strings.HasSuffix(q, "/"+end)) })
	}
	out := slices.Clone(full)
	for i, p := range full {
		for at := strings.LastIndexByte(p, '/'); at >= 0; at = strings.LastIndexByte(p[:at], '/') {
			if end := p[at+1:]; unique(p, end) {
				out[i] = end
				break
			}
		}
	}
	return out
}

// section returns the custom section with the provenance.
func (p *Provenance) section() ([]byte, error) {
	content, err := json.Marshal(p)
	if err != nil {
		return nil, &InternalError{Msg: "a provenance cannot be written", Err: err}
	}
	return sections.AppendCustom(nil, ProvenanceSection, content), nil
}

// record adds a provenance to an output and its report. Custom sections can be anywhere among a module's or component's
// sections, so it follows all others.
func (r *Result) record(p *Provenance) error {
	section, err := p.section()
	if err != nil {
		return err
	}
	r.wasm = append(r.wasm[:len(r.wasm):len(r.wasm)], section)
	r.Report.Provenance = p
	if d := r.Report.Details; d != nil {
		d.Sizes.Output += len(section)
	}
	return nil
}

// ReadProvenance returns the provenance of an output, or nil if it has none.
func ReadProvenance(out Input) (*Provenance, error) {
	var p *Provenance
	fail := func(format string, args ...any) error {
		return diag.In(diag.New("section "+ProvenanceSection, format, args...).WithHint("fuse the inputs again with --provenance"), out.label(), "", "")
	}
	f, ok := sections.Read(out.Bytes)
	if !ok {
		return nil, diag.In(diag.New("", "it is neither a module nor a component"), out.label(), "", "")
	}
	for i := range f.Sections {
		name, content, _ := f.Sections[i].Custom()
		switch {
		case name != ProvenanceSection:
			continue
		case p != nil:
			return nil, fail("there are two of these sections, and the output of a fusion has one")
		}
		p = new(Provenance)
		if err := json.Unmarshal(content, p); err != nil {
			return nil, fail("it is not as this version reads it: %v", err)
		}
		if p.Format != provenanceFormat {
			return nil, fail("%s", diag.Differ("this version reads format %d, and this is format %d", provenanceFormat, p.Format))
		}
		if len(p.Inputs) == 0 && p.Document == nil {
			return nil, fail("it has neither inputs nor a document")
		}
	}
	return p, nil
}
