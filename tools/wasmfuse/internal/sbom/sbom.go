// Package sbom writes bills of materials of outputs: in JSON, as CycloneDX 1.6 (ECMA-424). They have neither a time nor a serial
// number, so they are the same on every machine.
//
// The few types of CycloneDX that a bill needs are here; its library would make wasmfuse 0.8 MB larger, and serves in the test.
package sbom

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// Types of CycloneDX, with the fields that are used.
type (
	bill struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		SpecVersion  string       `json:"specVersion"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Tools     tools     `json:"tools"`
		Component component `json:"component"`
	}
	tools struct {
		Components []component `json:"components"`
	}
	component struct {
		Ref        string     `json:"bom-ref,omitempty"`
		Type       string     `json:"type"`
		MIMEType   string     `json:"mime-type,omitempty"`
		Name       string     `json:"name"`
		Version    string     `json:"version,omitempty"`
		Hashes     []hash     `json:"hashes,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn"`
	}
)

const (
	// namespace precedes the names of properties, which CycloneDX leaves to tools.
	namespace = "wasmfuse:"
	output    = "output" // reference of the output
	wasm      = "application/wasm"
)

// JSON returns the bill of an output with a name: the output, what it was made of, and with which options. files are the inputs
// of the provenance.
func JSON(name string, out io.WriterTo, p *fusecore.Provenance, files []fusecore.Input) ([]byte, error) {
	sum := sha256.New()
	if _, err := out.WriteTo(sum); err != nil {
		return nil, err
	}
	options, err := json.Marshal(p.Options)
	if err != nil {
		return nil, err
	}
	tool, version, _ := strings.Cut(p.Tool, " ")
	b := bill{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{
			Tools: tools{[]component{{Type: "application", Name: tool, Version: version}}},
			Component: component{
				Ref: output, Type: "application", MIMEType: wasm, Name: name, Hashes: digest(hex.EncodeToString(sum.Sum(nil))),
				Properties: []property{{namespace + "options", string(options)}},
			},
		},
		Components: []component{},
	}
	for i := range p.Inputs {
		b.Components = append(b.Components, material(fmt.Sprintf("input-%d", i), &p.Inputs[i], fusecore.Producers(files[i])))
	}
	if d := p.Document; d != nil {
		b.Components = append(b.Components, component{Ref: "document", Type: "file", Name: d.Name, Hashes: digest(d.SHA256)})
	}
	all := dependency{Ref: output, DependsOn: []string{}}
	for i := range b.Components {
		all.DependsOn = append(all.DependsOn, b.Components[i].Ref)
	}
	b.Dependencies = []dependency{all}
	text, err := json.MarshalIndent(&b, "", "  ")
	return append(text, '\n'), err
}

// material describes an input.
func material(ref string, in *fusecore.ProvenanceInput, producers []fusecore.Producer) component {
	c := component{Ref: ref, Type: "library", MIMEType: wasm, Name: in.Name, Hashes: digest(in.SHA256)}
	for _, name := range in.Packages {
		c.Properties = append(c.Properties, property{namespace + "package", name})
	}
	for _, p := range producers {
		c.Properties = append(c.Properties, property{namespace + p.Field, strings.TrimSpace(p.Name + " " + p.Version)})
	}
	return c
}

func digest(digits string) []hash { return []hash{{"SHA-256", digits}} }
