// This file implements the flag --sbom: a bill of materials of an output, in CycloneDX.

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// namespace precedes the names of properties, which CycloneDX leaves to tools.
const namespace = "wasmfuse:"

// writeSBOM writes the bill of materials of an output to the file of the flag.
func (f *fuseFlags) writeSBOM(std streams, g fusecore.Graph, o fusecore.FuseOptions, out *fusecore.Result) error {
	text, err := sbom(filepath.Base(f.output), g, fusecore.NewProvenance(g, o), out)
	if err != nil {
		return err
	}
	return fileio.Write(f.sbom, text, std.out)
}

// sbom returns a bill of materials in JSON: the output, what it was made of, and with which options. It has neither a time nor
// a serial number, so it is the same on every machine.
func sbom(name string, g fusecore.Graph, p *fusecore.Provenance, out *fusecore.Result) ([]byte, error) {
	hash := sha256.New()
	if _, err := out.WriteTo(hash); err != nil {
		return nil, err
	}
	options, err := json.Marshal(p.Options)
	if err != nil {
		return nil, err
	}
	const root = "output"
	made := cdx.Component{
		BOMRef: root, Type: cdx.ComponentTypeApplication, MIMEType: "application/wasm", Name: name,
		Hashes: sha256Of(hex.EncodeToString(hash.Sum(nil))), Properties: &[]cdx.Property{{Name: namespace + "options", Value: string(options)}},
	}
	var parts []cdx.Component
	var refs []string
	files := append([]fusecore.Input{g.Root}, g.Deps...)
	if len(files) > len(p.Inputs) { // a document needs no root
		files = g.Deps
	}
	for i := range p.Inputs {
		parts = append(parts, material(fmt.Sprintf("input-%d", i), &p.Inputs[i], fusecore.Producers(files[i])))
	}
	if d := p.Document; d != nil {
		parts = append(parts, cdx.Component{BOMRef: "document", Type: cdx.ComponentTypeFile, Name: d.Name, Hashes: sha256Of(d.SHA256)})
	}
	for i := range parts {
		refs = append(refs, parts[i].BOMRef)
	}
	tool, version, _ := strings.Cut(p.Tool, " ")
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{
		Component: &made,
		Tools:     &cdx.ToolsChoice{Components: &[]cdx.Component{{Type: cdx.ComponentTypeApplication, Name: tool, Version: version}}},
	}
	bom.Components = &parts
	bom.Dependencies = &[]cdx.Dependency{{Ref: root, Dependencies: &refs}}
	var b bytes.Buffer
	err = cdx.NewBOMEncoder(&b, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(bom, cdx.SpecVersion1_6)
	return b.Bytes(), err
}

// material describes an input.
func material(ref string, in *fusecore.ProvenanceInput, producers []fusecore.Producer) cdx.Component {
	c := cdx.Component{BOMRef: ref, Type: cdx.ComponentTypeLibrary, MIMEType: "application/wasm", Name: in.Name, Hashes: sha256Of(in.SHA256)}
	var properties []cdx.Property
	for _, name := range in.Packages {
		properties = append(properties, cdx.Property{Name: namespace + "package", Value: name})
	}
	for _, p := range producers {
		properties = append(properties, cdx.Property{Name: namespace + p.Field, Value: strings.TrimSpace(p.Name + " " + p.Version)})
	}
	if len(properties) > 0 {
		c.Properties = &properties
	}
	return c
}

func sha256Of(digits string) *[]cdx.Hash {
	return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: digits}}
}
