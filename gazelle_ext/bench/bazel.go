package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/gazelle_ext/internal/monorepo"
)

// analyser measures Bazel's analysis of a repository.
type analyser struct {
	root, base string
	dir        string // of the last repository
}

// bazel runs Bazel in the repository and returns both outputs.
func (a *analyser) bazel(command string, args ...string) (stdout, stderr string, err error) {
	cmd := exec.Command(filepath.Join(a.root, "tools/bazel"), append([]string{"--output_base=" + a.base, command}, args...)...)
	cmd.Dir = a.dir
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("bazel %s: %w\n%.4000s", command, err, messages.String())
	}
	return out.String(), messages.String(), err
}

// shutdown stops the server, and makes its files deletable.
func (a *analyser) shutdown() {
	if a.dir != "" {
		a.bazel("shutdown")
	}
	_ = exec.Command("chmod", "-R", "u+w", a.base).Run()
}

var analysed = regexp.MustCompile(`Analyzed \d+ targets? \(\d+ packages loaded, (\d+) targets? configured`)

// measure analyses all targets of a repository in a fresh server, whose external repositories are fetched already. It measures
// how many targets are configured, the time and the heap that this takes, and what changes rebuild.
func (a *analyser) measure(dir string, f *figures) error {
	a.dir = dir
	module, err := os.ReadFile(filepath.Join(dir, "MODULE.bazel"))
	if err != nil {
		return err
	}
	module = fmt.Appendf(module, "local_path_override(\n    module_name = \"rules_wasm_fuse\",\n    path = %q,\n)\n", a.root)
	if err := os.WriteFile(filepath.Join(dir, "MODULE.bazel"), module, 0o644); err != nil {
		return err
	}
	build := func(pattern string) (string, error) {
		_, messages, err := a.bazel("build", "--nobuild", "--noshow_progress", "--color=no", pattern)
		return messages, err
	}
	if _, err := build("//base/..."); err != nil {
		return err
	}
	if _, _, err := a.bazel("shutdown"); err != nil {
		return err
	}
	before, _, err := a.server()
	if err != nil {
		return err
	}
	messages, err := build("//...")
	if err != nil {
		return err
	}
	after, heap, err := a.server()
	if err != nil {
		return err
	}
	if m := analysed.FindStringSubmatch(messages); m != nil {
		f.targets, _ = strconv.Atoi(m[1])
	}
	f.analysis = usage{after - before, heap}
	for _, change := range changes {
		rebuilt, err := a.dependents(change.label)
		if err != nil {
			return err
		}
		f.rebuilt = append(f.rebuilt, rebuilt)
	}
	return nil
}

// changes are packages of different use.
var changes = []struct{ name, label string }{
	{"a package that all use", "//base/types:types_wit"},
	{"a package that its team uses", "//" + monorepo.Team(1) + "/wit/p1:p1_wit"},
	{"a package that nobody uses", "//" + monorepo.Team(1) + "/wit/p29:p29_wit"},
}

// dependents returns how many WIT packages and components Bazel checks and makes anew when a package changes: each
// wit_library and wasm_component whose actions have its files as inputs.
func (a *analyser) dependents(label string) (out rebuilt, err error) {
	text, _, err := a.bazel("query", "--output=label_kind", "--noshow_progress", fmt.Sprintf("rdeps(//..., %s)", label))
	for line := range strings.Lines(text) {
		switch kind, _, _ := strings.Cut(line, " "); kind {
		case "wit_library":
			out.packages++
		case "wasm_component":
			out.components++
		}
	}
	return out, err
}

// server returns the processor time of the server so far, and its heap in bytes, after collecting garbage.
func (a *analyser) server() (cpu time.Duration, heap int, err error) {
	text, _, err := a.bazel("info", "server_pid")
	if err != nil {
		return 0, 0, err
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(text), "stat"))
	if err != nil {
		return 0, 0, err
	}
	// The fields after the name in parentheses begin with the third; 14 and 15 are the times, in hundredths of a second
	// (proc_pid_stat(5)).
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	for _, f := range fields[11:13] {
		ticks, err := strconv.Atoi(f)
		if err != nil {
			return 0, 0, err
		}
		cpu += time.Duration(ticks) * 10 * time.Millisecond
	}
	text, _, err = a.bazel("info", "used-heap-size-after-gc")
	if err != nil {
		return 0, 0, err
	}
	megabytes, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), "MB"))
	return cpu, megabytes << 20, err
}
