// This file implements the check of what an output was made of.

package fusecore

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Verification is what is known of an output that was made of exactly some files.
type Verification struct {
	Provenance *Provenance
	// Remade reports whether the files were fused again, with the same bytes. Otherwise another version of the program has made
	// the output.
	Remade bool
}

// Verify returns an error unless an output with a [Provenance] was made of exactly the given files: the inputs, in any
// order, each once, and the document, or nil. Inputs with the same content may be one file or several. If the output was made by the program of the given version, they are fused
// again, with the options of the provenance, and it is an error if that makes other bytes. An error that joins several has
// one for each file that differs, is missing or is none of the inputs.
func Verify(ctx context.Context, out Input, inputs []Input, document *Document, version string) (v *Verification, err error) {
	defer diag.Settle(ctx, &err)
	p, err := ReadProvenance(out)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, diag.In(diag.New("", "it does not say what it was made of").WithHint("fuse with --provenance"), out.label(), "", "")
	}
	of, err := p.assign(out, inputs, document)
	if err != nil {
		return nil, err
	}
	v = &Verification{Provenance: p, Remade: p.Tool == tool(version)}
	if !v.Remade {
		return v, nil
	}
	r, err := Fuse(ctx, p.graph(of, document), p.Options.options(version))
	if err != nil {
		return nil, err
	}
	if at := differsAt(r.Bytes(), out.Bytes); at >= 0 {
		return nil, &Error{File: out.label(), Offset: int64(at), Msg: "it was made of these files, but is not what " + p.Tool + " makes of them: it was changed afterwards, from here on"}
	}
	return v, nil
}

// assign finds the file of each input of the provenance.
func (p *Provenance) assign(out Input, files []Input, document *Document) (of []Input, err error) {
	var errs []error
	fail := func(file, hint, format string, args ...any) {
		e := &Error{File: file, Offset: diag.NoOffset, Msg: fmt.Sprintf(format, args...), Hint: hint}
		errs = append(errs, e)
	}
	digests, used := make([]string, len(files)), make([]bool, len(files))
	for i := range files {
		digests[i] = digest(files[i].Bytes)
	}
	// Inputs with the same content are one file with several names, or several files.
	find := func(sum string) int {
		for i, d := range digests {
			if d == sum && !used[i] {
				return i
			}
		}
		return slices.Index(digests, sum)
	}
	var missing []File
	for i := range p.Inputs {
		in := &p.Inputs[i]
		at := find(in.SHA256)
		if at < 0 {
			if !slices.Contains(missing, in.File) {
				missing = append(missing, in.File)
			}
			continue
		}
		used[at] = true
		of = append(of, files[at])
	}
	for i := range files {
		if used[i] {
			continue
		}
		if slices.ContainsFunc(p.Inputs, func(in ProvenanceInput) bool { return in.SHA256 == digests[i] }) {
			fail(files[i].label(), "leave it out", "%s was made of fewer files with this content, whose SHA-256 is %s", out.label(), digests[i])
			continue
		}
		base := path.Base(slashes(files[i].Name))
		at := slices.IndexFunc(missing, func(f File) bool { return path.Base(f.Name) == base })
		if at < 0 {
			fail(files[i].label(), "", "%s was not made of this file: no input has its SHA-256, %s", out.label(), digests[i])
			continue
		}
		fail(files[i].label(), "", "it is not the file that %s was made of: its SHA-256 is %s, and that of the input %s", out.label(), digests[i], missing[at].SHA256)
		missing = slices.Delete(missing, at, at+1)
	}
	for _, f := range missing {
		fail(out.label(), "name all inputs", "it was also made of %s, with the SHA-256 %s, which is none of the files", f.Name, f.SHA256)
	}
	switch d := p.Document; {
	case d == nil && document != nil:
		fail(document.Name, "", "%s was not made with a document", out.label())
	case d != nil && document == nil:
		fail(out.label(), "name it with --wac", "it was made with the document %s, with the SHA-256 %s", d.Name, d.SHA256)
	case d != nil && d.SHA256 != digest(document.Text):
		fail(document.Name, "", "it is not the document that %s was made with: its SHA-256 is %s, and that of the document %s", out.label(), digest(document.Text), d.SHA256)
	}
	return of, errors.Join(errs...)
}

// graph returns the graph that the provenance describes, with the file of each of its inputs.
func (p *Provenance) graph(of []Input, document *Document) Graph {
	g := Graph{Plugs: p.Plugs, Supplies: p.Supplies}
	var all []Input
	for i := range p.Inputs {
		in := &p.Inputs[i]
		all = append(all, Input{Name: in.Name, Label: of[i].label(), Bytes: of[i].Bytes, Packages: in.Packages, Private: in.Private})
	}
	if p.Document != nil {
		g.Document, g.Deps = &Document{Name: p.Document.Name, Text: document.Text}, all
		return g
	}
	g.Root, g.Deps = all[0], all[1:]
	return g
}

// differsAt returns the offset of the first difference, or -1.
func differsAt(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return n
	}
	return -1
}
