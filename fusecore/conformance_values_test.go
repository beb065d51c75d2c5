package fusecore_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/wave"
)

// scriptValue is a component value in the converted scripts.
type scriptValue struct {
	Type  string                     `json:"type"`
	Value json.RawMessage            `json:"value"`
	Case  string                     `json:"case"`
	Rest  map[string]json.RawMessage `json:"-"` // the whole object: a result's case is the key that is present
}

func (v *scriptValue) UnmarshalJSON(b []byte) error {
	type plain scriptValue
	if err := json.Unmarshal(b, (*plain)(v)); err != nil {
		return err
	}
	return json.Unmarshal(b, &v.Rest)
}

// text returns the value in the engine's notation.
func (v *scriptValue) text() (string, error) {
	read := func(into any) error {
		if err := json.Unmarshal(v.Value, into); err != nil {
			return fmt.Errorf("%s %s: %w", v.Type, v.Value, err)
		}
		return nil
	}
	var s string
	switch v.Type {
	case "bool":
		return string(v.Value), nil
	case "string":
		err := read(&s)
		return wave.Quote(s, '"'), err
	case "char":
		err := read(&s)
		return wave.Quote(s, '\''), err
	case "enum":
		err := read(&s)
		return s, err
	case "flags":
		var names []string
		err := read(&names)
		return "{" + strings.Join(names, ", ") + "}", err
	case "list", "tuple":
		var elems []*scriptValue
		if err := read(&elems); err != nil {
			return "", err
		}
		texts, err := scriptTexts(elems)
		if v.Type == "tuple" {
			return "(" + strings.Join(texts, ", ") + ")", err
		}
		return "[" + strings.Join(texts, ", ") + "]", err
	case "record":
		return v.record()
	case "variant":
		return scriptCase(v.Case, v.Value)
	case "option":
		if isNull(v.Value) {
			return "none", nil
		}
		return scriptCase("some", v.Value)
	case "result":
		if payload, ok := v.Rest["ok"]; ok {
			return scriptCase("ok", payload)
		}
		return scriptCase("err", v.Rest["err"])
	}
	if err := read(&s); err != nil {
		return "", err
	}
	return scriptNumber(v.Type, s)
}

func (v *scriptValue) record() (string, error) {
	var fields [][2]json.RawMessage
	if err := json.Unmarshal(v.Value, &fields); err != nil {
		return "", err
	}
	var out []string
	for _, f := range fields {
		var name string
		var field scriptValue
		if err := json.Unmarshal(f[0], &name); err != nil {
			return "", err
		}
		if err := json.Unmarshal(f[1], &field); err != nil {
			return "", err
		}
		text, err := field.text()
		if err != nil {
			return "", err
		}
		out = append(out, name+": "+text)
	}
	return "{" + strings.Join(out, ", ") + "}", nil
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// scriptCase returns a case with its payload, if it has one.
func scriptCase(name string, payload json.RawMessage) (string, error) {
	if isNull(payload) {
		return name, nil
	}
	var v scriptValue
	if err := json.Unmarshal(payload, &v); err != nil {
		return "", err
	}
	text, err := v.text()
	return name + "(" + text + ")", err
}

func scriptTexts(values []*scriptValue) ([]string, error) {
	var out []string
	for _, v := range values {
		text, err := v.text()
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

// scriptNumber returns a number in the text format, possibly with another base or underscores, in its usual form.
func scriptNumber(typ, s string) (string, error) {
	s = strings.ReplaceAll(strings.TrimPrefix(s, "+"), "_", "")
	switch typ {
	case "u8", "u16", "u32", "u64":
		n, err := strconv.ParseUint(s, 0, 64)
		return strconv.FormatUint(n, 10), err
	case "s8", "s16", "s32", "s64":
		n, err := strconv.ParseInt(s, 0, 64)
		return strconv.FormatInt(n, 10), err
	case "f32", "f64":
		bits, err := strconv.Atoi(typ[1:])
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(s, "nan") {
			return "nan", nil
		}
		f, err := strconv.ParseFloat(s, bits)
		return strconv.FormatFloat(f, 'g', -1, bits), err
	}
	return "", fmt.Errorf("a value of type %q", typ)
}
