package sbom

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// TestJSON checks that a bill is CycloneDX, without fields that its library does not know, and what it says.
func TestJSON(t *testing.T) {
	// A component whose section of producers says that clang 19 has made it.
	made := "\x00asm\x0d\x00\x01\x00\x00\x22\x09producers\x01\x0cprocessed-by\x01\x05clang\x0219"
	files := []fusecore.Input{{Name: "in/app.wasm", Bytes: []byte(made), Packages: []string{"demo:app"}}, {Name: "in/lib.wasm"}}
	g := fusecore.Graph{Root: files[0], Deps: files[1:], Document: &fusecore.Document{Name: "in/app.wac", Text: []byte("text")}}
	p := fusecore.NewProvenance(g, fusecore.FuseOptions{Version: "1.2.3", Optimize: fusecore.OptimizeSize})
	text, err := JSON("out.wasm", bytes.NewBufferString("output"), p, files)
	if err != nil {
		t.Fatal(err)
	}
	var bom cdx.BOM
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&bom); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := cdx.NewBOMEncoder(&again, cdx.BOMFileFormatJSON).EncodeVersion(&bom, cdx.SpecVersion1_6); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(values(t, again.Bytes()), values(t, text)); d != "" {
		t.Errorf("CycloneDX 1.6 (-), the bill (+): %s", d)
	}
	if bom.SerialNumber != "" || bom.Metadata.Timestamp != "" {
		t.Errorf("serial number %q, time %q", bom.SerialNumber, bom.Metadata.Timestamp)
	}
	var got []string
	for _, c := range append([]cdx.Component{*bom.Metadata.Component}, *bom.Components...) {
		line := []string{c.BOMRef, string(c.Type), c.Name, (*c.Hashes)[0].Value[:8]}
		if c.Properties != nil {
			for _, p := range *c.Properties {
				line = append(line, p.Name+"="+p.Value)
			}
		}
		got = append(got, strings.Join(line, " "))
	}
	sum := func(s string) string {
		b := sha256.Sum256([]byte(s))
		return hex.EncodeToString(b[:4])
	}
	want := []string{
		"output application out.wasm " + sum("output") + ` wasmfuse:options={"optimize":"size"}`,
		"input-0 library app.wasm " + sum(made) + " wasmfuse:package=demo:app wasmfuse:processed-by=clang 19",
		"input-1 library lib.wasm " + sum(""),
		"document file app.wac " + sum("text"),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the materials (-want +got): %s", d)
	}
	tool := (*bom.Metadata.Tools.Components)[0]
	if refs := *(*bom.Dependencies)[0].Dependencies; tool.Version != "1.2.3" || strings.Join(refs, " ") != "input-0 input-1 document" {
		t.Errorf("the tool %v, the dependencies %q", tool, refs)
	}
}

func values(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
