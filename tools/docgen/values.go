// This file implements the values that rules, attributes and providers evaluate to.

package main

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// named values are given the name of the global that they are first bound to.
type named interface{ setName(string) }

// plain is embedded in all values here: they can be neither changed nor used as keys.
type plain struct{}

func (plain) Freeze()               {}
func (plain) Truth() starlark.Bool  { return starlark.True }
func (plain) Hash() (uint32, error) { return 0, fmt.Errorf("not hashable") }

// standIn stands for a name of another repository, or of Bazel's that has no meaning here. Calling it returns another
// one.
type standIn struct{ name string }

func (s *standIn) String() string        { return s.name }
func (s *standIn) Type() string          { return "standin" }
func (s *standIn) Freeze()               {}
func (s *standIn) Truth() starlark.Bool  { return starlark.True }
func (s *standIn) Hash() (uint32, error) { return starlark.String(s.name).Hash() }
func (s *standIn) Name() string          { return s.name }

func (s *standIn) Attr(name string) (starlark.Value, error) {
	return &standIn{s.name + "." + name}, nil
}
func (s *standIn) AttrNames() []string { return nil }

func (s *standIn) CallInternal(*starlark.Thread, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
	return s, nil
}

// definition is a rule, a provider, a repository rule or a module extension.
type definition struct {
	plain
	kind  string // the name of the builtin
	name  string
	args  map[string]starlark.Value
	attrs []field // attributes of a rule, fields of a provider, tag classes of an extension; in source order
}

// field is an attribute or a field of a provider.
type field struct {
	name, doc string
	attr      *attribute // nil for a provider's and for a tag class
	attrs     []field    // of a tag class
}

func (d *definition) String() string { return d.name }
func (d *definition) Type() string   { return d.kind }
func (d *definition) Name() string   { return d.name }
func (d *definition) setName(name string) {
	if d.name == "" {
		d.name = name
	}
}

func (d *definition) CallInternal(*starlark.Thread, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
	return starlark.None, fmt.Errorf("%s %s cannot be used while its file is loaded", d.kind, d.name)
}

// attribute is the result of a function of attr.
type attribute struct {
	plain
	kind string // label, string_list, ...
	args map[string]starlark.Value
}

func (a *attribute) String() string { return "attr." + a.kind }
func (a *attribute) Type() string   { return "attribute" }

// text returns a string argument without surrounding white space.
func text(args map[string]starlark.Value, name string) string {
	s, _ := starlark.AsString(args[name])
	return strings.TrimSpace(s)
}

// arguments records a call's arguments by name; positional ones have the given names.
func arguments(fn string, args starlark.Tuple, kwargs []starlark.Tuple, positional ...string) (map[string]starlark.Value, error) {
	out := map[string]starlark.Value{}
	for i, v := range args {
		if i >= len(positional) {
			return nil, fmt.Errorf("%s: more arguments without a name than are known here", fn)
		}
		out[positional[i]] = v
	}
	for _, kv := range kwargs {
		out[string(kv[0].(starlark.String))] = kv[1]
	}
	return out, nil
}

func define(kind, members string, positional ...string) *starlark.Builtin {
	return starlark.NewBuiltin(kind, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		noted, err := arguments(kind, args, kwargs, positional...)
		if err != nil {
			return nil, err
		}
		d := &definition{kind: kind, args: noted}
		dict, ok := noted[members].(*starlark.Dict)
		if !ok {
			if v := noted[members]; v != nil && v != starlark.None {
				return nil, fmt.Errorf("%s: %s must be a dict that says what each is", kind, members)
			}
			return d, nil
		}
		for _, item := range dict.Items() {
			f := field{}
			f.name, _ = starlark.AsString(item[0])
			switch v := item[1].(type) {
			case *attribute:
				f.attr, f.doc = v, text(v.args, "doc")
			case *definition:
				f.doc, f.attrs = text(v.args, "doc"), v.attrs
			case starlark.String:
				f.doc = strings.TrimSpace(string(v))
			default:
				return nil, fmt.Errorf("%s: %s %s is a %s", kind, members, f.name, v.Type())
			}
			d.attrs = append(d.attrs, f)
		}
		return d, nil
	})
}

// attrs is the module attr, whose functions record their arguments.
type attrs struct{ plain }

func (attrs) String() string      { return "attr" }
func (attrs) Type() string        { return "attr" }
func (attrs) AttrNames() []string { return nil }

func (attrs) Attr(kind string) (starlark.Value, error) {
	return starlark.NewBuiltin("attr."+kind, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		noted, err := arguments(b.Name(), args, kwargs)
		return &attribute{kind: kind, args: noted}, err
	}), nil
}

// builtins returns the names that Bazel predeclares, as far as they can be used while a file is loaded.
func builtins() starlark.StringDict {
	label := func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var name string
		err := starlark.UnpackArgs("Label", args, kwargs, "label_string", &name)
		return starlark.String(name), err
	}
	out := starlark.StringDict{
		"attr":             attrs{},
		"rule":             define("rule", "attrs", "implementation"),
		"repository_rule":  define("repository_rule", "attrs", "implementation"),
		"module_extension": define("module_extension", "tag_classes", "implementation"),
		"tag_class":        define("tag_class", "attrs", "attrs"),
		"provider":         define("provider", "fields", "doc"),
		"Label":            starlark.NewBuiltin("Label", label),
		"struct":           starlark.NewBuiltin("struct", starlarkstruct.Make),
	}
	for _, name := range []string{"config", "config_common", "exec_group", "platform_common", "transition", "DefaultInfo", "OutputGroupInfo"} {
		out[name] = &standIn{name}
	}
	return out
}
