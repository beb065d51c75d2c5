// This file implements validation of names of imports and exports, and of labels.

package validate

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
)

// checkName checks the name of an import or export, its attributes, and the type that the name's annotation requires,
// and adds the name to the set.
func checkName(set *nameSet, en *component.ExternName, e entity) error {
	name, err := extname.Parse(en.Name)
	if err != nil {
		return fmt.Errorf("%s name `%s` is not a valid extern name: %w", set.what, en.Name, err)
	}
	if err := checkAttributes(name, en.Attributes, e); err != nil {
		return err
	}
	if err := set.checkAnnotation(name, e); err != nil {
		return fmt.Errorf("%s name `%s` is not valid: %w", set.what, en.Name, err)
	}
	return set.take(name)
}

// checkAttributes checks name attributes (Binary.md, notes of "Import and Export Definitions").
func checkAttributes(name extname.Name, attrs *component.Attributes, e entity) error {
	var seen [3]bool
	for _, attr := range attrs.All() {
		if int(attr.Kind) >= len(seen) {
			return fmt.Errorf("unknown name attribute 0x%02x", byte(attr.Kind))
		}
		if seen[attr.Kind] {
			return fmt.Errorf("duplicate '%s' option in name", attrNames[attr.Kind])
		}
		seen[attr.Kind] = true
		var err error
		switch attr.Kind {
		case component.AttrImplements:
			err = checkImplements(name, attr.Value, e)
		case component.AttrVersionSuffix:
			if name.Kind != extname.Interface {
				return fmt.Errorf("name `%s` is not valid with `versionsuffix`: expected an interface name", name.Text)
			}
			err = extname.CheckVersionSuffix(name.Version, attr.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var attrNames = [...]string{"implements", "versionsuffix", "external-id"}

func checkImplements(name extname.Name, value string, e entity) error {
	// The rule requires plain names. An annotated one would require a function, which is rejected below.
	if name.Kind == extname.Interface {
		return fmt.Errorf("name `%s` is not valid with `implements`: expected a plain name", name.Text)
	}
	if e.kind != entInstance {
		return diag.Differ("only %s can have an `implements`, found %s", "instances", a(e.kind.String()))
	}
	iface, err := extname.Parse(value)
	if err != nil {
		return fmt.Errorf("`%s` is not a valid name: %w", value, err)
	}
	if iface.Kind != extname.Interface {
		return fmt.Errorf("name `%s` must be an interface name to be used with `implements`", value)
	}
	return nil
}

// checkAnnotation checks the function type that [constructor], [method] and [static] require.
func (n *nameSet) checkAnnotation(name extname.Name, e entity) error {
	if !name.Annotated() {
		return nil
	}
	if e.kind != entFunc {
		return fmt.Errorf("item is not a func, it is %s", a(e.kind.String()))
	}
	switch name.Kind {
	case extname.Constructor:
		if e.fn.async {
			return fmt.Errorf("constructor function cannot be async")
		}
		if e.fn.result == nil {
			return fmt.Errorf("function should return one value")
		}
		r := e.fn.result.val
		if r.kind == component.KindResult && r.elem != nil {
			r = r.elem.val
		}
		if r.kind != component.KindOwn {
			return diag.Differ("function should return %s, found %s", "`(own $T)` or `(result (own $T))`", e.fn.result)
		}
		return n.checkResource(r.resource, name.Resource)
	case extname.Method:
		if len(e.fn.params) == 0 {
			return fmt.Errorf("function should have at least one argument")
		}
		self := e.fn.params[0]
		if self.label != "self" {
			return diag.Differ("function should have a first argument called `%s`, found `%s`", "self", self.label)
		}
		if self.t.val.kind != component.KindBorrow {
			return diag.Differ("function should take a first argument of `%s`, found %s", "(borrow $T)", self.t)
		}
		return n.checkResource(self.t.val.resource, name.Resource)
	}
	if !n.labels[name.Resource] {
		return fmt.Errorf("static resource name is not known in this context: no preceding %s named `%s` is a resource",
			n.what, name.Resource)
	}
	return nil
}

func (n *nameSet) checkResource(t *typ, label string) error {
	name, ok := n.resources[t]
	if !ok {
		return fmt.Errorf("resource used in function does not have a name in this context")
	}
	if name != label {
		return diag.Differ("function does not match expected resource name `%s`, found `%s`", name, label)
	}
	return nil
}

// labelSet checks the labels of one type: kebab case and strong uniqueness.
type labelSet struct {
	what, short string // "record field name", "field name"
	seen        map[string]string
}

func (l *labelSet) add(label string) error {
	if label == "" {
		return fmt.Errorf("%s cannot be empty", l.what)
	}
	if err := extname.CheckLabel(label); err != nil {
		return fmt.Errorf("%s %w", l.what, err)
	}
	canon := extname.Canonical(label)
	if prev, dup := l.seen[canon]; dup {
		return fmt.Errorf("%s `%s` conflicts with previous %s `%s`", l.what, label, l.short, prev)
	}
	if l.seen == nil {
		l.seen = map[string]string{}
	}
	l.seen[canon] = label
	return nil
}
