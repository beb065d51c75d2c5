// This file implements the host functions of a script.

package script

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// answer is one line of a host function.
type answer struct {
	any    bool             // applies to all arguments
	params []*regexp.Regexp // with a group for each variable
	vars   [][]string
	text   string
}

var (
	variable = regexp.MustCompile(`\$([a-z0-9]+)(\.reps|\.handles)?`)
	handle   = regexp.MustCompile(`host\((\d+)\)`)
)

// host parses the text after the word host.
func (s *Script) host(line string) error {
	fn, text, _ := strings.Cut(line, " -> ")
	a := answer{any: true, text: text}
	if strings.HasSuffix(fn, ")") {
		name, params, err := runner.SplitCall(fn)
		if err != nil {
			return err
		}
		fn, a.any = name, false
		for _, p := range params {
			var pattern strings.Builder
			var vars []string
			from := 0
			for _, m := range variable.FindAllStringSubmatchIndex(p, -1) {
				pattern.WriteString(regexp.QuoteMeta(p[from:m[0]]) + "(.*)")
				vars = append(vars, p[m[2]:m[3]])
				from = m[1]
			}
			re, err := regexp.Compile("^(?s:" + pattern.String() + regexp.QuoteMeta(p[from:]) + ")$")
			if err != nil {
				return err
			}
			a.params, a.vars = append(a.params, re), append(a.vars, vars)
		}
	}
	s.hosts[fn] = append(s.hosts[fn], a)
	return nil
}

// answerer returns the host function with a name.
func (s *Script) answerer(name string) wasmtime.HostFunc {
	return func(args []string) (string, error) {
		for _, a := range s.hosts[name] {
			if values, ok := a.fits(args); ok {
				return a.answer(values)
			}
		}
		return "", errors.New("the script has no answer to these arguments")
	}
}

// fits reports whether an answer applies to these arguments, and returns the values of its variables.
func (a *answer) fits(args []string) (values map[string]string, ok bool) {
	values = map[string]string{}
	if a.any {
		return values, true
	}
	if len(args) != len(a.params) {
		return nil, false
	}
	for i, re := range a.params {
		m := re.FindStringSubmatch(args[i])
		if m == nil {
			return nil, false
		}
		for j, name := range a.vars[i] {
			values[name] = m[j+1]
		}
	}
	return values, true
}

func (a *answer) answer(values map[string]string) (string, error) {
	text := variable.ReplaceAllStringFunc(a.text, func(use string) string {
		m := variable.FindStringSubmatch(use)
		switch value := values[m[1]]; m[2] {
		case ".reps":
			return handle.ReplaceAllString(value, "$1")
		case ".handles":
			return strings.Join(handle.FindAllString(value, -1), ", ")
		default:
			return value
		}
	})
	sum, ok := strings.CutPrefix(text, "sum(")
	if !ok {
		return text, nil
	}
	var total uint32
	for _, term := range strings.Split(strings.TrimSuffix(sum, ")"), "+") {
		product := uint32(1)
		for _, factor := range strings.Split(term, "*") {
			n, err := strconv.ParseUint(strings.TrimSpace(factor), 10, 32)
			if err != nil {
				return "", fmt.Errorf("%s: %w", text, err)
			}
			product *= uint32(n)
		}
		total += product
	}
	return fmt.Sprint(total), nil
}
