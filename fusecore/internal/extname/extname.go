// Package extname parses the names of component imports and exports: the externname grammar of the component model
// (Explainer.md, "Import and Export Definitions"), the versions in interface names, and the two equivalences of names,
// strong uniqueness ([Name.Canonical]) and version compatibility ([Track]).
package extname

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is the form of a name.
type Kind uint8

// Forms of names.
const (
	Label       Kind = iota // a-b
	Constructor             // [constructor]r
	Method                  // [method]r.m
	Static                  // [static]r.m
	Interface               // ns:pkg/iface@1.2.3
)

// Name is a parsed name. Which fields are used depends on Kind:
//
//	Label        Label
//	Constructor  Resource
//	Method       Resource, Label
//	Static       Resource, Label
//	Interface    Namespace, Package, Interface, Version (may be empty)
type Name struct {
	Text string // as written
	Kind Kind

	Label    string
	Resource string

	Namespace, Package, Interface string
	// Version is the text after "@": a semantic version or a canonical version, or empty.
	Version string
}

// Annotated reports whether the name has an annotation that ties it to a resource.
func (n Name) Annotated() bool { return n.Kind == Constructor || n.Kind == Method || n.Kind == Static }

// ID returns an interface name without its version.
func (n Name) ID() string { return n.Namespace + ":" + n.Package + "/" + n.Interface }

// Parse parses an externname.
func Parse(s string) (Name, error) {
	n := Name{Text: s}
	switch {
	case strings.HasPrefix(s, "[constructor]"):
		n.Kind, n.Resource = Constructor, s[len("[constructor]"):]
		return n, CheckLabel(n.Resource)
	case strings.HasPrefix(s, "[method]"):
		n.Kind = Method
		return n, n.member(s[len("[method]"):])
	case strings.HasPrefix(s, "[static]"):
		n.Kind = Static
		return n, n.member(s[len("[static]"):])
	case strings.HasPrefix(s, "["):
		return n, fmt.Errorf("unknown annotation in `%s`: expected [constructor], [method] or [static]", s)
	case withdrawnForm(s):
		return n, fmt.Errorf("`%s` has a withdrawn form: expected a kebab-case label or an interface name", s)
	case strings.Contains(s, ":"):
		return n, n.iface(s)
	}
	n.Label = s
	return n, CheckLabel(s)
}

// withdrawnForm reports whether a name is a url, integrity or dependency name of earlier drafts, for a clearer message.
func withdrawnForm(s string) bool {
	for _, p := range []string{"url=<", "integrity=<", "unlocked-dep=<", "locked-dep=<", "relative-url=<"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func (n *Name) member(s string) error {
	resource, label, ok := strings.Cut(s, ".")
	if !ok {
		return fmt.Errorf("failed to find `.` character in `%s`: expected a resource and a member label", n.Text)
	}
	n.Resource, n.Label = resource, label
	if err := CheckLabel(resource); err != nil {
		return err
	}
	return CheckLabel(label)
}

func (n *Name) iface(s string) error {
	ns, rest, _ := strings.Cut(s, ":")
	if err := checkWords(ns); err != nil {
		return fmt.Errorf("namespace %w", err)
	}
	// A version cannot contain "/", so the package ends at the first "/" or "@".
	pkg, rest, ok := strings.Cut(rest, "/")
	if !ok {
		if err := checkWords(pkg); err != nil {
			return fmt.Errorf("package %w", err)
		}
		return fmt.Errorf("expected `/` after package name in `%s`", s)
	}
	if strings.Contains(pkg, ":") {
		return fmt.Errorf("expected `/` after package name in `%s`: nested namespaces are not supported", s)
	}
	if err := checkWords(pkg); err != nil {
		return fmt.Errorf("package %w", err)
	}
	iface, version, versioned := strings.Cut(rest, "@")
	if i := strings.IndexByte(iface, '/'); i >= 0 {
		return fmt.Errorf("trailing characters found: `%s`: nested projections are not supported", iface[i:])
	}
	if err := CheckLabel(iface); err != nil {
		return fmt.Errorf("interface %w", err)
	}
	n.Kind, n.Namespace, n.Package, n.Interface, n.Version = Interface, ns, pkg, iface, version
	if !versioned || IsCanonicalVersion(version) {
		return nil
	}
	if _, err := ParseVersion(version); err != nil {
		return fmt.Errorf("`%s` is not a valid version: %w", version, err)
	}
	return nil
}

// errEmpty is a label error that callers may word differently.
var errEmpty = errors.New("`` is not in kebab case: it is empty")

// CheckLabel checks the label production: fragments joined by "-", each with letters of one case and digits, the first
// beginning with a letter.
func CheckLabel(s string) error { return checkFragments(s, true) }

// checkWords checks the words production: a label without acronyms.
func checkWords(s string) error { return checkFragments(s, false) }

func checkFragments(s string, acronyms bool) error {
	if s == "" {
		return errEmpty
	}
	for i, frag := range strings.Split(s, "-") {
		if !fragment(frag, i == 0, acronyms) {
			return fmt.Errorf("`%s` is not in kebab case", s)
		}
	}
	return nil
}

func fragment(f string, first, acronyms bool) bool {
	var lower, upper bool
	for i := 0; i < len(f); i++ {
		switch c := f[i]; {
		case 'a' <= c && c <= 'z':
			lower = true
		case 'A' <= c && c <= 'Z':
			upper = true
		case '0' <= c && c <= '9' && (i > 0 || !first):
		default:
			return false
		}
	}
	return f != "" && !(lower && upper) && (acronyms || !upper)
}

// Canonical returns the string that determines strong uniqueness (Explainer.md, "Name Uniqueness"): two names in one
// scope are strongly unique if their canonical strings differ.
func Canonical(s string) string {
	s = strings.ToLower(s)
	if !strings.HasPrefix(s, "[") || strings.HasPrefix(s, "[constructor]") {
		return s
	}
	i := strings.IndexByte(s, ']')
	if i < 0 {
		return s
	}
	rest := s[i+1:]
	if r, l, ok := strings.Cut(rest, "."); ok && r == l && (s[:i+1] == "[method]" || s[:i+1] == "[static]") {
		return l
	}
	return rest
}

// Canonical returns [Name.Canonical] of a name given as text.
func (n Name) Canonical() string { return Canonical(n.Text) }
