package ocilayout

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/oci"
)

// written writes an artifact, and returns its folder.
func written(t *testing.T, a *Artifact) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "layout")
	if _, err := a.Write(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// opened reads a layout as a client of registries does: the manifest by its tag, the others by their digests, which it checks.
func opened(t *testing.T, dir, tag string) (m v1.Manifest, config map[string]any, layer []byte) {
	t.Helper()
	ctx := t.Context()
	store, err := oci.NewFromFS(ctx, os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	fetch := func(d v1.Descriptor) []byte {
		b, err := content.FetchAll(ctx, store, d)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	d, err := store.Resolve(ctx, tag)
	if err != nil {
		t.Fatal(err)
	}
	if d.MediaType != v1.MediaTypeImageManifest {
		t.Errorf("the manifest's type is %s", d.MediaType)
	}
	if err := json.Unmarshal(fetch(d), &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Layers) != 1 {
		t.Fatalf("%d layers", len(m.Layers))
	}
	if err := json.Unmarshal(fetch(m.Config), &config); err != nil {
		t.Fatal(err)
	}
	return m, config, fetch(m.Layers[0])
}

func TestComponent(t *testing.T) {
	a := &Artifact{
		Wasm: []byte("\x00asm\x0d\x00\x01\x00"), File: "app.wasm", Tag: "1.2.3", Author: "Alyssa",
		Created:     time.Date(2026, 1, 31, 13, 0, 0, 0, time.FixedZone("", 3600)),
		Component:   &Component{Exports: []string{"wasi:http/handler@0.3.0"}, Imports: []string{}, Target: "wasi:http/proxy@0.2.0"},
		Annotations: map[string]string{"org.opencontainers.image.licenses": "MIT"},
	}
	m, config, layer := opened(t, written(t, a), "1.2.3")
	if string(layer) != string(a.Wasm) {
		t.Errorf("the layer is %q", layer)
	}
	if m.Config.MediaType != MediaTypeConfig || m.Layers[0].MediaType != MediaTypeLayer || m.SchemaVersion != 2 || m.MediaType != v1.MediaTypeImageManifest {
		t.Errorf("types: %+v", m)
	}
	if m.Layers[0].Annotations[v1.AnnotationTitle] != "app.wasm" || cmp.Diff(m.Annotations, a.Annotations) != "" {
		t.Errorf("annotations: %v, %v", m.Layers[0].Annotations, m.Annotations)
	}
	want := map[string]any{
		"created": "2026-01-31T12:00:00Z", "author": "Alyssa", "architecture": "wasm", "os": "wasip2", "layerDigests": []any{m.Layers[0].Digest.String()},
		"component": map[string]any{"exports": []any{"wasi:http/handler@0.3.0"}, "imports": []any{}, "target": "wasi:http/proxy@0.2.0"},
	}
	if d := cmp.Diff(want, config); d != "" {
		t.Error(d)
	}
}

func TestModule(t *testing.T) {
	a := &Artifact{Wasm: []byte("\x00asm\x01\x00\x00\x00"), Tag: "x"}
	m, config, _ := opened(t, written(t, a), "x")
	want := map[string]any{"created": "1970-01-01T00:00:00Z", "architecture": "wasm", "os": "wasip1", "layerDigests": []any{m.Layers[0].Digest.String()}}
	if d := cmp.Diff(want, config); d != "" {
		t.Error(d)
	}
}

// TestSameBytes writes an artifact twice.
func TestSameBytes(t *testing.T) {
	read := func() map[string]string {
		a := &Artifact{Wasm: []byte("\x00asm\x0d\x00\x01\x00"), Component: &Component{}, Annotations: map[string]string{"a": "1", "b": "2", "c": "3"}}
		dir, out := written(t, a), map[string]string{}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			out[strings.TrimPrefix(path, dir)] = string(b)
			return err
		})
		if err != nil || len(out) != 5 {
			t.Fatal(len(out), err)
		}
		return out
	}
	if d := cmp.Diff(read(), read()); d != "" {
		t.Error(d)
	}
}

func TestFolders(t *testing.T) {
	a := &Artifact{Wasm: []byte("\x00asm\x01\x00\x00\x00")}
	empty := t.TempDir()
	if _, err := a.Write(empty); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := a.Write(empty); err == nil || !strings.Contains(err.Error(), "the folder is not empty") {
		t.Errorf("a layout: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Write(file); err == nil || !strings.HasPrefix(err.Error(), "cannot write "+file+": ") {
		t.Errorf("a file: %v", err)
	}
	// The place of a blob is taken, so writing fails on the way.
	dir := filepath.Join(t.TempDir(), "new")
	layer, _, _, err := a.blobs()
	if err != nil {
		t.Fatal(err)
	}
	if err := put(filepath.Join(dir, "blobs", "sha256", layer.Digest.Encoded(), "x"), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Write(dir); err == nil {
		t.Error("written over a folder that has something")
	}
}
