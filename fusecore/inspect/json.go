// This file implements the JSON form of descriptions.

package inspect

import (
	"bytes"
	"encoding/json"
)

// jsonItem is an import or export in JSON.
type jsonItem struct {
	Name  string     `json:"name"`
	Kind  string     `json:"kind"`
	Type  string     `json:"type,omitempty"`
	Items []jsonItem `json:"items,omitempty"`
}

// JSON returns what a component, or a WIT package, imports and exports: an object with the lists "imports" and "exports" of
// items, each with its name, its kind ("func", "type", "use", "resource", "instance", ...), its type in WIT syntax, and, of
// an instance, its items. Core modules have empty lists. Of what was fused, "fused" has the lists "parts" and "links". The text ends with a line feed.
func (d *Description) JSON() ([]byte, error) {
	out := struct {
		Imports []jsonItem `json:"imports"`
		Exports []jsonItem `json:"exports"`
		Fused   *Fused     `json:"fused,omitempty"`
	}{[]jsonItem{}, []jsonItem{}, d.Fused}
	if d.Component != nil {
		out.Imports, out.Exports = jsonItems(d.Component.Imports), jsonItems(d.Component.Exports)
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false) // types have arrows
	err := e.Encode(out)
	return text.Bytes(), err
}

func jsonItems(items []Item) []jsonItem {
	out := make([]jsonItem, len(items))
	for i := range items {
		it := &items[i]
		out[i] = jsonItem{Name: it.Name, Kind: kindNames[it.Kind], Type: it.Type}
		if len(it.Items) > 0 {
			out[i].Items = jsonItems(it.Items)
		}
	}
	return out
}

var kindNames = [...]string{
	Func: "func", Type: "type", Use: "use", Resource: "resource", Instance: "instance", InstanceType: "instance type",
	ComponentItem: "component", ComponentType: "component type", ModuleItem: "core module", Value: "value",
}
