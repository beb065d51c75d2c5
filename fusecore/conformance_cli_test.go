package fusecore_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/external"
)

// cliVersion is the version of the command line that plays scripts.
const cliVersion = 49

// cliFeatures are those that the reference tests of asynchronous functions need.
const cliFeatures = "component-model-async=y,component-model-async-stackful=y,component-model-more-async-builtins=y," +
	"component-model-threading=y,component-model-error-context=y,multi-memory=y"

// findCLI returns the command line of wasmtime, which tools/engines/get-wasmtime-cli.sh downloads.
func findCLI() (string, error) {
	if path := os.Getenv("WASMTIME_CLI"); path != "" {
		return path, nil
	}
	engines := os.Getenv("ENGINES")
	if cache, err := os.UserCacheDir(); engines == "" && err == nil {
		engines = filepath.Join(cache, "rules_wasm_fuse", "engines")
	}
	path := filepath.Join(engines, "wasmtime-cli-49.0.4", "wasmtime")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("wasmtime's command line is not at hand: set WASMTIME_CLI, or run tools/engines/get-wasmtime-cli.sh: %w", err)
	}
	return path, nil
}

// TestConformanceCLI plays the reference tests of asynchronous functions with the command line of wasmtime 49, which has all
// their features, once with the components as they are and once with every component fused. A command that does not do what
// the script says ends a run: the script is played again without it.
func TestConformanceCLI(t *testing.T) {
	root := external.Conformance(t)
	cli := external.Need(t, findCLI)
	scripts, err := filepath.Glob(filepath.Join(root, "async", "*.json"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts in %s: %v", root, err)
	}
	held := map[string]int{}
	for _, file := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			commands := scriptCommands(t, file)
			composed := &wastWriter{p: &player{t: t, dir: filepath.Dir(file)}, key: "async.composed", composed: true}
			fused := &wastWriter{p: &player{t: t, dir: filepath.Dir(file)}, key: "async"}
			for _, w := range []*wastWriter{composed, fused} {
				w.play(cli, commands)
				for _, c := range w.from {
					held[w.key+" "+c.Type]++
				}
			}
			for _, c := range composed.from {
				if !fused.p.refusedAny && !slices.ContainsFunc(fused.from, func(f scriptCommand) bool { return f.Line == c.Line }) {
					t.Errorf("line %d: %s: holds composed, not fused", c.Line, c.Type)
				}
			}
		})
	}
	checkFloors(t, fmt.Sprintf("wasmtime %d", cliVersion), conformanceFloors(t, cliVersion), held)
}

// wastWriter writes a script as text. Each command is on a line of its own.
type wastWriter struct {
	p        *player
	key      string // of its numbers
	composed bool
	lines    []string
	from     []scriptCommand // of each line
	known    map[string]bool // components and instances, by name; "" for the last one
}

// play writes the commands and plays them, until those that are left do what the script says.
func (w *wastWriter) play(cli string, commands []scriptCommand) {
	w.known = map[string]bool{}
	for _, c := range commands {
		if err := w.command(c); err != nil {
			w.p.t.Logf("%s: line %d: %s: %v", w.key, c.Line, c.Type, err)
		}
	}
	for len(w.lines) > 0 {
		failed, err := w.run(cli)
		if err == nil {
			return
		}
		if failed < 0 {
			w.p.t.Fatalf("%s: %v", w.key, err)
		}
		w.p.t.Logf("%s: line %d: %s: %v", w.key, w.from[failed].Line, w.from[failed].Type, err)
		w.lines, w.from = slices.Delete(w.lines, failed, failed+1), slices.Delete(w.from, failed, failed+1)
	}
}

// command writes a command. An error means that it is left out.
func (w *wastWriter) command(c scriptCommand) error {
	line, err := w.text(c)
	if err != nil {
		return err
	}
	w.lines, w.from = append(w.lines, line), append(w.from, c)
	return nil
}

// failedLine matches the position of a command that failed.
var failedLine = regexp.MustCompile(`failed directive on .*:(\d+)\n`)

// run plays the script, and returns the position of the line that fails, or -1.
func (w *wastWriter) run(cli string) (failed int, err error) {
	wast := filepath.Join(w.p.t.TempDir(), "script.wast")
	if err := os.WriteFile(wast, []byte(strings.Join(w.lines, "\n")), 0o644); err != nil {
		return -1, err
	}
	out, err := exec.Command(cli, "wast", "-W", cliFeatures, wast).CombinedOutput()
	if err == nil {
		return -1, nil
	}
	why, _, _ := strings.Cut(string(out), "Stack backtrace:")
	err = fmt.Errorf("%w\n%.2000s", err, why)
	m := failedLine.FindStringSubmatch(why)
	if m == nil {
		return -1, err
	}
	n, _ := strconv.Atoi(m[1])
	return n - 1, err
}

func (w *wastWriter) text(c scriptCommand) (string, error) {
	switch c.Type {
	case "component":
		delete(w.known, c.Name)
		w.known[""] = false
		wasm, err := w.form(c.File)
		if err != nil {
			return "", err
		}
		w.known[c.Name] = true
		if c.Def {
			return fmt.Sprintf("(component definition %s binary %s)", c.Name, wasm), nil
		}
		w.known[""] = true
		return fmt.Sprintf("(component %s binary %s)", c.Name, wasm), nil
	case "instance":
		w.known[c.Instance] = w.known[c.Of]
		w.known[""] = w.known[c.Of]
		if !w.known[c.Of] {
			return "", fmt.Errorf("no component %s", c.Of)
		}
		return fmt.Sprintf("(component instance %s %s)", c.Instance, c.Of), nil
	case "action":
		return w.invoke(c)
	case "assert_return":
		call, err := w.invoke(c)
		if err != nil {
			return "", err
		}
		want, err := wastValues(c.Expected)
		return fmt.Sprintf("(assert_return %s%s)", call, want), err
	case "assert_trap":
		if c.Field != "" {
			call, err := w.invoke(c)
			return fmt.Sprintf(`(assert_trap %s "")`, call), err
		}
		wasm, err := w.form(c.File)
		return fmt.Sprintf(`(assert_trap (component binary %s) "")`, wasm), err
	}
	return "", errors.New("not played here")
}

// form returns the component that stands for that of a file, as a string of the text format.
func (w *wastWriter) form(file string) (string, error) {
	if file == "" {
		return "", errTextOnly
	}
	wasm := readFile(w.p.t, filepath.Join(w.p.dir, file))
	if !w.composed {
		var err error
		if wasm, err = w.p.form(file); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, x := range wasm {
		fmt.Fprintf(&b, `\%02x`, x)
	}
	b.WriteByte('"')
	return b.String(), nil
}

func (w *wastWriter) invoke(c scriptCommand) (string, error) {
	if !w.known[c.Instance] {
		return "", errors.New("no instance")
	}
	args, err := wastValues(c.Args)
	return fmt.Sprintf("(invoke %s %q%s)", c.Instance, c.Field, args), err
}

// wastValues writes values as the arguments and results of calls.
func wastValues(vs []*scriptValue) (string, error) {
	var b strings.Builder
	for _, v := range vs {
		switch v.Type {
		case "list":
			var elems []*scriptValue
			if err := json.Unmarshal(v.Value, &elems); err != nil {
				return "", err
			}
			text, err := wastValues(elems)
			if err != nil {
				return "", err
			}
			b.WriteString(" (list.const" + text + ")")
		case "bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64":
			fmt.Fprintf(&b, " (%s.const %s)", v.Type, strings.Trim(string(v.Value), `"`))
		case "record":
			var fields []json.RawMessage
			if err := json.Unmarshal(v.Value, &fields); err != nil {
				return "", err
			}
			b.WriteString(" (record.const")
			for _, f := range fields {
				var name string
				value := new(scriptValue)
				if err := json.Unmarshal(f, &[]any{&name, value}); err != nil {
					return "", err
				}
				text, err := wastValues([]*scriptValue{value})
				if err != nil {
					return "", err
				}
				// The brackets around a field's value are those of the field.
				fmt.Fprintf(&b, " (field %q %s", name, text[len(" ("):])
			}
			b.WriteByte(')')
		case "enum":
			b.WriteString(" (enum.const " + string(v.Value) + ")")
		case "variant":
			var payload []*scriptValue
			if v.Value != nil && string(v.Value) != "null" {
				payload = []*scriptValue{new(scriptValue)}
				if err := json.Unmarshal(v.Value, payload[0]); err != nil {
					return "", err
				}
			}
			text, err := wastValues(payload)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&b, " (variant.const %q%s)", v.Case, text)
		default:
			return "", fmt.Errorf("values of type %s are not written here", v.Type)
		}
	}
	return b.String(), nil
}
