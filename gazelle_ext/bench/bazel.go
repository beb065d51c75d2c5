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
)

// analyser measures Bazel's analysis of a repository.
type analyser struct {
	root, base string
	dir        string // of the last repository
}

func newAnalyser(root, work string) (*analyser, error) {
	return &analyser{root: root, base: filepath.Join(work, "bazel")}, nil
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

// measure analyses all targets of a repository in a fresh server, whose external repositories are fetched already. It returns
// how many targets were configured, and the time and the heap that this took.
func (a *analyser) measure(dir string) (targets int, used usage, err error) {
	a.dir = dir
	module, err := os.ReadFile(filepath.Join(dir, "MODULE.bazel"))
	if err != nil {
		return 0, usage{}, err
	}
	module = fmt.Appendf(module, "local_path_override(\n    module_name = \"rules_wasm_fuse\",\n    path = %q,\n)\n", a.root)
	if err := os.WriteFile(filepath.Join(dir, "MODULE.bazel"), module, 0o644); err != nil {
		return 0, usage{}, err
	}
	build := func(pattern string) (string, error) {
		_, messages, err := a.bazel("build", "--nobuild", "--noshow_progress", "--color=no", pattern)
		return messages, err
	}
	if _, err := build("//base/..."); err != nil {
		return 0, usage{}, err
	}
	if _, _, err := a.bazel("shutdown"); err != nil {
		return 0, usage{}, err
	}
	before, _, err := a.server()
	if err != nil {
		return 0, usage{}, err
	}
	messages, err := build("//...")
	if err != nil {
		return 0, usage{}, err
	}
	after, heap, err := a.server()
	if err != nil {
		return 0, usage{}, err
	}
	if m := analysed.FindStringSubmatch(messages); m != nil {
		targets, _ = strconv.Atoi(m[1])
	}
	return targets, usage{after - before, heap}, nil
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
