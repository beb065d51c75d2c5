// Package ocilayout writes a WebAssembly file as an OCI image layout, for registries of container images: a folder with one
// artifact of the form that the CNCF's working group for WebAssembly describes ("Wasm OCI Artifact layout").
//
//	oci-layout                the layout's version
//	index.json                the manifest's descriptor, with the tag
//	blobs/sha256/DIGEST       the manifest, the configuration, and the WebAssembly file, which is the only layer
//
// Equal artifacts have equal files.
package ocilayout

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// Media types of the artifact's parts.
const (
	MediaTypeConfig = "application/vnd.wasm.config.v0+json"
	MediaTypeLayer  = "application/wasm"
)

// Operating systems of artifacts: components have that of WASI 0.2, core modules that of preview1, whatever they import.
const (
	OSComponent = "wasip2"
	OSModule    = "wasip1"
)

// Artifact is a WebAssembly file with what is said about it.
type Artifact struct {
	Wasm []byte
	// File is the name under which clients write the file, or empty.
	File string
	// Component says what a component imports and exports. It is nil for a core module.
	Component *Component
	Author    string    // may be empty
	Created   time.Time // the zero time stands for the beginning of 1970
	// Annotations are those of the manifest.
	Annotations map[string]string
	// Tag is the reference by which the layout's index names the manifest, or empty.
	Tag string
}

// Component is the part of a configuration that describes a component.
type Component struct {
	Exports []string `json:"exports"`
	Imports []string `json:"imports"`
	// Target is the world that the component is made for, as in "wasi:http/proxy@0.2.0", or empty.
	Target string `json:"target,omitempty"`
}

// Config is the artifact's configuration.
type Config struct {
	// Created is never left out, because readers in use require it.
	Created      time.Time       `json:"created"`
	Author       string          `json:"author,omitempty"`
	Architecture string          `json:"architecture"`
	OS           string          `json:"os"`
	LayerDigests []digest.Digest `json:"layerDigests"`
	Component    *Component      `json:"component,omitempty"`
}

// blob is a part of the artifact, with its descriptor.
type blob struct {
	v1.Descriptor
	content []byte
}

func newBlob(mediaType string, content []byte) blob {
	return blob{v1.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}, content}
}

// jsonBlob returns a blob of a value in JSON.
func jsonBlob(mediaType string, v any) (blob, error) {
	b, err := json.Marshal(v)
	return newBlob(mediaType, b), err
}

// blobs returns the artifact's parts: the layer, the configuration and the manifest.
func (a *Artifact) blobs() (layer, config, manifest blob, err error) {
	layer = newBlob(MediaTypeLayer, a.Wasm)
	if a.File != "" {
		layer.Annotations = map[string]string{v1.AnnotationTitle: a.File}
	}
	c := Config{Created: a.Created.UTC(), Author: a.Author, Architecture: "wasm", OS: OSModule, LayerDigests: []digest.Digest{layer.Digest}, Component: a.Component}
	if a.Created.IsZero() {
		c.Created = time.Unix(0, 0).UTC()
	}
	if a.Component != nil {
		c.OS = OSComponent
	}
	if config, err = jsonBlob(MediaTypeConfig, c); err != nil {
		return
	}
	manifest, err = jsonBlob(v1.MediaTypeImageManifest, v1.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: v1.MediaTypeImageManifest,
		Config: config.Descriptor, Layers: []v1.Descriptor{layer.Descriptor}, Annotations: a.Annotations})
	return
}

// Write writes the layout to a folder that does not exist or is empty, and returns the digest of the manifest. After an error
// the folder is as it was.
func (a *Artifact) Write(dir string) (digest.Digest, error) {
	layer, config, manifest, err := a.blobs()
	if err != nil {
		return "", err
	}
	listed := manifest.Descriptor
	if a.Tag != "" {
		listed.Annotations = map[string]string{v1.AnnotationRefName: a.Tag}
	}
	index, err := json.Marshal(v1.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: v1.MediaTypeImageIndex, Manifests: []v1.Descriptor{listed}})
	if err != nil {
		return "", err
	}
	version, err := json.Marshal(v1.ImageLayout{Version: v1.ImageLayoutVersion})
	if err != nil {
		return "", err
	}
	existed, err := prepare(dir)
	if err != nil {
		return "", fmt.Errorf("cannot write %s: %w", dir, err)
	}
	files := []struct {
		name    string
		content []byte
	}{
		{filepath.Join(v1.ImageBlobsDir, digest.Canonical.String(), layer.Digest.Encoded()), layer.content},
		{filepath.Join(v1.ImageBlobsDir, digest.Canonical.String(), config.Digest.Encoded()), config.content},
		{filepath.Join(v1.ImageBlobsDir, digest.Canonical.String(), manifest.Digest.Encoded()), manifest.content},
		{v1.ImageLayoutFile, version},
		{v1.ImageIndexFile, index},
	}
	for _, f := range files {
		if err := put(filepath.Join(dir, f.name), f.content); err != nil {
			unwrite(dir, existed)
			return "", fmt.Errorf("cannot write %s: %w", dir, err)
		}
	}
	return manifest.Digest, nil
}

// prepare checks that the folder is free, and creates it unless it exists.
func prepare(dir string) (existed bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, bare(os.MkdirAll(dir, 0o777))
	case err != nil:
		return true, bare(err)
	case len(entries) > 0:
		return true, errors.New("the folder is not empty: name a new one, or remove what it contains")
	}
	return true, nil
}

// unwrite removes what has been written.
func unwrite(dir string, existed bool) {
	if !existed {
		os.RemoveAll(dir)
		return
	}
	for _, name := range []string{v1.ImageBlobsDir, v1.ImageLayoutFile, v1.ImageIndexFile} {
		os.RemoveAll(filepath.Join(dir, name))
	}
}

func put(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return bare(err)
	}
	return bare(os.WriteFile(name, content, 0o666))
}

// bare removes the operation and the path from an error, because the message has the folder's.
func bare(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
