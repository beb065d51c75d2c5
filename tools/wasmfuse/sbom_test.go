package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
)

// TestSBOM checks bills of materials: that they have no fields that CycloneDX does not know, and what they say.
func TestSBOM(t *testing.T) {
	three, err := filepath.Abs("../../examples/three")
	if err != nil {
		t.Fatal(err)
	}
	var first []byte
	for _, folder := range []string{t.TempDir(), t.TempDir()} {
		out, file := filepath.Join(folder, "app.wasm"), filepath.Join(folder, "bill.json")
		args := []string{"fuse", "-q", "-o", out, "--sbom", file, "--optimize=size", "--wac", filepath.Join(three, "three.wac")}
		for _, name := range []string{"words", "stats", "root"} {
			args = append(args, filepath.Join(three, name+".wasm"))
		}
		if code, _, said := wasmfuse(args...); code != 0 {
			t.Fatal(said)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(text, first) {
			t.Errorf("the bill depends on the folder (-want +got): %s", cmp.Diff(string(first), string(text)))
		}
		first = text
		checkSBOM(t, text, out)
	}
}

func checkSBOM(t *testing.T, text []byte, out string) {
	var bom cdx.BOM
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&bom); err != nil {
		t.Fatal(err)
	}
	if bom.SpecVersion != cdx.SpecVersion1_6 || bom.SerialNumber != "" || bom.Metadata.Timestamp != "" {
		t.Errorf("version %v, serial number %q, time %q", bom.SpecVersion, bom.SerialNumber, bom.Metadata.Timestamp)
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(wasm)
	made := bom.Metadata.Component
	if got := (*made.Hashes)[0].Value; made.Name != "app.wasm" || got != hex.EncodeToString(sum[:]) {
		t.Errorf("the output is %s with the digest %s", made.Name, got)
	}
	var got []string
	for i, c := range *bom.Components {
		line := []string{c.BOMRef, c.Name, (*bom.Dependencies)[0].Ref, (*(*bom.Dependencies)[0].Dependencies)[i]}
		if c.Properties != nil {
			for _, p := range *c.Properties {
				line = append(line, p.Name+"="+p.Value)
			}
		}
		got = append(got, strings.Join(line, " "))
	}
	want := []string{
		"input-0 words.wasm output input-0 wasmfuse:processed-by=wit-component 0.239.0",
		"input-1 stats.wasm output input-1 wasmfuse:processed-by=wit-component 0.239.0",
		"input-2 root.wasm output input-2 wasmfuse:processed-by=wit-component 0.239.0",
		"document three.wac output document",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the materials (-want +got): %s", d)
	}
}
