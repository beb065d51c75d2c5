// This file implements the executables of rules.

package wasmrun

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

// suffix is what the name of a target's file has after that of its executable.
const suffix = ".wasmrun.json"

// target is what the executable of a wasm_fuse_test or wasm_component_run does. Files are named by their paths among the
// runfiles, which begin with their repository.
type target struct {
	// Label is the target's.
	Label string `json:"label"`
	// Component is the file that is run.
	Component string `json:"component"`
	// Precompiled says that it is machine code of this program's engine.
	Precompiled bool        `json:"precompiled"`
	WASI        environment `json:"wasi"`
	// Test says what a wasm_fuse_test expects. A wasm_component_run has none.
	Test *spec `json:"test"`

	files runfiles
}

// environment is what a component has of its host through WASI.
type environment struct {
	Args []string          `json:"args"`
	Env  map[string]string `json:"env"`
	// Stdin is a file. If it is "", a command reads this process's standard input, and a test nothing.
	Stdin string `json:"stdin"`
	// Data maps the path of each file or folder that the component can read, below one folder that all have in common, to
	// what it is.
	Data map[string]string `json:"data"`
	// DataDirs maps the component's names of folders to paths below that folder.
	DataDirs map[string]string `json:"data_dirs"`
	// Preopens maps the component's names of folders to folders of this machine. Relative ones are relative to the working
	// directory, or to that of `bazel run`.
	Preopens map[string]string `json:"preopens"`
	// Writable are the names of those folders that the component may change.
	Writable []string `json:"writable"`
}

// launched returns the target whose executable this process was started as, or nil if it is none. Such an executable is a
// link to this program or a copy of it, and the target's file is beside it.
//
// A link is known only by the path by which the process was started, so that is tried first. A copy, as Bazel makes them on
// Windows, is the process's own file, however it was started.
func launched(arg0 string) (*target, error) {
	if at, err := exec.LookPath(arg0); err == nil || errors.Is(err, exec.ErrDot) {
		if t, err := targetAt(at); t != nil || err != nil {
			return t, err
		}
	}
	if self, err := os.Executable(); err == nil {
		return targetAt(self)
	}
	return nil, nil
}

// targetAt returns the target of an executable, or nil if it is of none. Only their paths tell targets apart, so links are
// followed one by one.
func targetAt(at string) (*target, error) {
	for range maxLinks {
		name := at
		if ext := filepath.Ext(at); strings.EqualFold(ext, ".exe") {
			name = strings.TrimSuffix(at, ext)
		}
		data, err := os.ReadFile(name + suffix)
		if err == nil {
			return parseTarget(at, data)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		to, err := os.Readlink(at)
		if err != nil {
			return nil, nil
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(at), to)
		}
		at = to
	}
	return nil, nil
}

// maxLinks limits how many links are followed, as Linux does.
const maxLinks = 40

func parseTarget(executable string, data []byte) (*target, error) {
	abs, err := filepath.Abs(executable)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	t := &target{files: findRunfiles(abs)}
	if err := dec.Decode(t); err != nil {
		return nil, fmt.Errorf("%s: the file of its target does not belong to this program: %w", executable, err)
	}
	return t, nil
}

// run does what the target's executable does, with arguments of the command line. Its errors name the target.
func (t *target) run(p *Program, args []string) error {
	if err := t.do(p, args); err != nil {
		return fmt.Errorf("%s: %w", t.Label, err)
	}
	return nil
}

func (t *target) do(p *Program, args []string) error {
	wasi, remove, err := t.wasi()
	if err != nil {
		return err
	}
	defer remove()
	if t.Test != nil {
		return t.test(p, wasi, args)
	}
	file, err := t.files.find(t.Component)
	if err != nil {
		return fmt.Errorf("component: %w", err)
	}
	wasi.Args = append(append([]string{path.Base(t.Component)}, wasi.Args...), args...)
	wasi.InheritStdin = t.WASI.Stdin == ""
	if err := p.command(file, t.Precompiled, wasi); err != nil {
		return fmt.Errorf("component: %w", err)
	}
	return nil
}

// wasi returns the environment of the target's component, without its name among the arguments. remove frees it.
func (t *target) wasi() (w *runner.WASI, remove func(), err error) {
	w = &runner.WASI{Args: slices.Clone(t.WASI.Args)}
	for _, name := range slices.Sorted(maps.Keys(t.WASI.Env)) {
		w.Env = append(w.Env, [2]string{name, t.WASI.Env[name]})
	}
	if t.WASI.Stdin != "" {
		stdin, err := t.readFile(t.WASI.Stdin)
		if err != nil {
			return nil, nil, fmt.Errorf("stdin: %w", err)
		}
		w.Stdin = string(stdin)
	}
	if w.Dirs, err = t.WASI.preopens(); err != nil {
		return nil, nil, err
	}
	data, remove, err := t.data()
	if err != nil {
		return nil, nil, fmt.Errorf("data: %w", err)
	}
	w.Dirs = append(w.Dirs, data...)
	return w, remove, nil
}

// preopens returns the folders of the machine.
func (e *environment) preopens() (dirs []runner.Dir, err error) {
	for _, guest := range slices.Sorted(maps.Keys(e.Preopens)) {
		host := filepath.FromSlash(e.Preopens[guest])
		if base := os.Getenv("BUILD_WORKING_DIRECTORY"); !filepath.IsAbs(host) && base != "" {
			host = filepath.Join(base, host)
		}
		if info, err := os.Stat(host); err != nil || !info.IsDir() {
			abs, _ := filepath.Abs(host)
			return nil, fmt.Errorf("preopens: %q is the folder %q, and there is no folder %s: make it, name another, or start the program where it is",
				guest, e.Preopens[guest], abs)
		}
		dirs = append(dirs, runner.Dir{Guest: guest, Host: host, ReadOnly: !slices.Contains(e.Writable, guest)})
	}
	return dirs, nil
}

// readFile returns the content of a file that is named by its path among the runfiles.
func (t *target) readFile(name string) ([]byte, error) {
	place, err := t.files.find(name)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(place)
}
