// This file implements the Markdown of the reference.

package main

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"go.starlark.net/starlark"
)

// render writes a page about a file's public names, ordered by kind, then alphabetically. A name without documentation
// is an error.
func render(title, file, doc string, globals starlark.StringDict) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- Generated from %s by tools/docgen; `tools/bazel run //rules/docs:update` rewrites it. -->\n\n# %s\n\n%s\n", file, title, strings.TrimSpace(doc))
	sections := []struct {
		kind, heading string
		one           func(*strings.Builder, string, starlark.Value) error
	}{
		{"rule", "Rules", renderRule},
		{"function", "Functions", renderFunction},
		{"provider", "Providers", renderProvider},
		{"module_extension", "Module extensions", renderExtension},
	}
	names := globals.Keys()
	sort.Strings(names)
	written := map[string]bool{}
	kind := func(name string) string {
		if wrapped(name, globals[name]) != nil {
			return "rule"
		}
		return globals[name].Type()
	}
	for _, s := range sections {
		heading := "\n## " + s.heading + "\n"
		for _, name := range names {
			if strings.HasPrefix(name, "_") || kind(name) != s.kind {
				continue
			}
			b.WriteString(heading)
			heading = ""
			if err := s.one(&b, name, globals[name]); err != nil {
				return "", fmt.Errorf("%s: %s: %w", file, name, err)
			}
			written[name] = true
		}
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "_") && !written[name] {
			return "", fmt.Errorf("%s: %s is a %s, of which no reference can be written; make it private", file, name, globals[name].Type())
		}
	}
	return b.String(), nil
}

// wrapped returns the rule that a macro of the same public name sets defaults of, or nil.
func wrapped(name string, v starlark.Value) *definition {
	if fn, ok := v.(*starlark.Function); ok {
		if d, ok := fn.Globals()[name].(*definition); ok && d.kind == "rule" {
			return d
		}
	}
	return nil
}

// defaults returns the attributes that a macro sets the defaults of.
func defaults(fn *starlark.Function) (out []string) {
	for i := range fn.NumParams() {
		if def := fn.ParamDefault(i); def != nil {
			p, _ := fn.Param(i)
			out = append(out, "`"+p+" = "+def.String()+"`")
		}
	}
	return out
}

func renderRule(b *strings.Builder, name string, v starlark.Value) error {
	d := wrapped(name, v)
	if d == nil {
		d = v.(*definition)
	}
	if err := head(b, name, text(d.args, "doc")); err != nil {
		return err
	}
	switch {
	case d.args["test"] == starlark.True:
		b.WriteString("\nIts targets are tests.\n")
	case d.args["executable"] == starlark.True:
		b.WriteString("\nIts targets can be run.\n")
	}
	if fn, ok := v.(*starlark.Function); ok {
		fmt.Fprintf(b, "\nDefaults of attributes that all rules of its kind have: %s.\n", strings.Join(defaults(fn), ", "))
	}
	if err := attrTable(b, append([]field{nameField}, d.attrs...)); err != nil {
		return err
	}
	if provides := list(d.args["provides"]); len(provides) > 0 {
		fmt.Fprintf(b, "\nProvides: %s.\n", strings.Join(provides, ", "))
	}
	if groups, ok := d.args["exec_groups"].(*starlark.Dict); ok {
		var s []string
		for _, k := range groups.Keys() {
			s = append(s, "`"+strings.Trim(k.String(), `"`)+"`")
		}
		fmt.Fprintf(b, "\nExecution groups: %s.\n", strings.Join(s, ", "))
	}
	return nil
}

// nameField is the attribute that every rule has.
var nameField = field{name: "name", doc: "The target's name.", attr: &attribute{kind: "name", args: map[string]starlark.Value{"mandatory": starlark.True}}}

// attrTable writes a table of the public attributes.
func attrTable(b *strings.Builder, attrs []field) error {
	b.WriteString("\n| attribute | type | default | meaning |\n|---|---|---|---|\n")
	for _, f := range attrs {
		if strings.HasPrefix(f.name, "_") {
			continue
		}
		if f.doc == "" {
			return fmt.Errorf("the attribute %s has no doc", f.name)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.name, attrType(f.attr), attrDefault(f.attr), cell(f.doc+values(f.attr)))
	}
	return nil
}

func renderFunction(b *strings.Builder, name string, v starlark.Value) error {
	fn := v.(*starlark.Function)
	var params []string
	for i := range fn.NumParams() {
		p, _ := fn.Param(i)
		if def := fn.ParamDefault(i); def != nil {
			p += " = " + def.String()
		}
		params = append(params, p)
	}
	if fn.Doc() == "" {
		return errors.New("the function has no doc string")
	}
	fmt.Fprintf(b, "\n### %s\n\n    %s(%s)\n\n%s\n", name, name, strings.Join(params, ", "), docArgs(dedent(fn.Doc())))
	return nil
}

func renderProvider(b *strings.Builder, name string, v starlark.Value) error {
	d := v.(*definition)
	if err := head(b, name, text(d.args, "doc")); err != nil {
		return err
	}
	b.WriteString("\n| field | meaning |\n|---|---|\n")
	for _, f := range d.attrs {
		if f.doc == "" {
			return fmt.Errorf("the field %s has no doc", f.name)
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", f.name, cell(f.doc))
	}
	return nil
}

func renderExtension(b *strings.Builder, name string, v starlark.Value) error {
	d := v.(*definition)
	if err := head(b, name, text(d.args, "doc")); err != nil {
		return err
	}
	for _, f := range d.attrs {
		if f.doc == "" {
			return fmt.Errorf("the tag %s has no doc", f.name)
		}
		fmt.Fprintf(b, "\nTag `%s`: %s\n", f.name, f.doc)
		if err := attrTable(b, f.attrs); err != nil {
			return err
		}
	}
	return nil
}

// head writes a name and its documentation.
func head(b *strings.Builder, name, doc string) error {
	if doc == "" {
		return errors.New("doc is missing")
	}
	fmt.Fprintf(b, "\n### %s\n\n%s\n", name, doc)
	return nil
}

// dedent removes the indentation of a doc string's later lines.
func dedent(doc string) string {
	lines := strings.Split(strings.TrimSpace(doc), "\n")
	for i, line := range lines[1:] {
		lines[i+1] = strings.TrimPrefix(line, "    ")
	}
	return strings.Join(lines, "\n")
}

// docArgs turns the sections Args and Returns of a doc string into lists.
func docArgs(doc string) string {
	var out []string
	in := ""
	for _, line := range strings.Split(doc, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case line == "Args:" || line == "Returns:":
			in = line
			out = append(out, strings.TrimSuffix(line, ":")+":", "")
		case in == "Args:" && strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "    "):
			name, what, _ := strings.Cut(trimmed, ":")
			out = append(out, "- `"+name+"`:"+what)
		case in == "Args:" && trimmed != "":
			out = append(out, "  "+trimmed)
		case in != "":
			out = append(out, trimmed)
		default:
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// cell escapes a text for a table cell.
func cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}

func attrType(a *attribute) string {
	if a == nil {
		return ""
	}
	return strings.ReplaceAll(strings.ReplaceAll(a.kind, "_", " "), "bool", "boolean")
}

func attrDefault(a *attribute) string {
	if a.args["mandatory"] == starlark.True {
		return "required"
	}
	v := a.args["default"]
	if v == nil || v == starlark.None {
		v = map[string]starlark.Value{"string": starlark.String(""), "bool": starlark.False, "int": starlark.MakeInt(0)}[a.kind]
	}
	if v == nil {
		return "none"
	}
	return "`" + v.String() + "`"
}

// values lists the values that an attribute may have, and the providers that its targets must have.
func values(a *attribute) string {
	var s string
	if v := list(a.args["values"]); len(v) > 0 {
		s += " One of: " + strings.Join(v, ", ") + "."
	}
	if v := list(a.args["providers"]); len(v) > 0 {
		s += " Needs: " + strings.Join(v, ", ") + "."
	}
	return s
}

// list returns the elements of a list, as code.
func list(v starlark.Value) []string {
	l, ok := v.(*starlark.List)
	if !ok {
		return nil
	}
	var out []string
	for i := range l.Len() {
		out = append(out, "`"+l.Index(i).String()+"`")
	}
	return out
}
