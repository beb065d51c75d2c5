package witsyntax

import (
	"strings"
	"testing"
)

// TestDocumentTree checks the parts of a document that WIT does not have.
func TestDocumentTree(t *testing.T) {
	d, errs := ParseDocument("a.wac", []byte(`package a:b@1.0.0 targets c:d/world@2.0.0;
import f as "x:y/z": e:f/g;
let x = (new h:i@1.2.3 { j, "k": l.m["n:o/p"], ...q, ... }).r;
export x as s;
export x...;
`))
	if len(errs) > 0 {
		t.Fatal(errs[0])
	}
	if got := d.Package.Name.String() + " " + d.Targets.String(); got != "a:b@1.0.0 c:d/world@2.0.0" {
		t.Errorf("directive %s", got)
	}
	im := d.Statements[0].(*Import)
	if im.As.Text != "x:y/z" || !im.As.Quoted || im.Path.String() != "e:f/g" {
		t.Errorf("import %+v", im)
	}
	access := d.Statements[1].(*Let).Value.(*Access)
	n := access.Of.(*New)
	if access.Name.Text != "r" || n.Package.String() != "h:i@1.2.3" || len(n.Args) != 3 || n.Fill == nil {
		t.Fatalf("new %+v", n)
	}
	if n.Args[0].Value != nil || !n.Args[1].Name.Quoted || !n.Args[2].Spread {
		t.Errorf("arguments %+v", n.Args)
	}
	if x := d.Statements[2].(*Export); x.As.Text != "s" || x.Spread != nil {
		t.Errorf("export %+v", x)
	}
	if x := d.Statements[3].(*Export); x.Spread == nil {
		t.Errorf("export %+v", x)
	}
}

// FuzzDocument checks that any text is parsed, and that positions of errors are inside of it.
func FuzzDocument(f *testing.F) {
	f.Add("package a:b targets c:d/e;\nimport f: g:h/i;\nlet x = new a:b { c, d: (e), ...f, ... }.g[\"h\"];\nexport x... ;")
	f.Add("package a:b;\ninterface i { use a:b/c.{d as e}; type f = func(g: list<u8>) -> e; h: f; resource r { constructor(); } }")
	f.Add("package a:b;\nworld w { import x: interface { }; export y; include z with { a as b } }\nrecord r { a: u8 }")
	f.Add("package a:b; let x = " + strings.Repeat("(", 300))
	f.Fuzz(func(t *testing.T, text string) {
		d, errs := ParseDocument("a.wac", []byte(text))
		if d == nil || len(errs) > MaxErrors {
			t.Fatalf("%d errors", len(errs))
		}
		for _, e := range errs {
			if e.Pos.Line < 1 || e.Pos.Col < 1 || e.Pos.Offset < 0 || e.Pos.Offset > len(text) {
				t.Fatalf("position %+v in %d bytes", e.Pos, len(text))
			}
		}
	})
}
