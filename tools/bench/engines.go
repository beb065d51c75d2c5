package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/wasmfuse/rules_wasm_fuse/tools/bench/internal/job"
)

// engine is an engine with its options.
type engine struct {
	name          string
	version       int
	noConcurrency bool
}

var (
	engine50       = &engine{"wasmtime 50", 50, false}
	engine50Single = &engine{"wasmtime 50, concurrency off", 50, true}
	engine42       = &engine{"wasmtime 42", 42, false}
)

// once returns a tool by the path that a function makes, which is called once.
func (b *bench) once(name string, make func() (path, version string, err error)) (string, error) {
	if path, ok := b.tools[name]; ok {
		return path, nil
	}
	path, version, err := make()
	if err != nil {
		return "", err
	}
	b.tools[name] = path
	if version != "" {
		b.versions = append(b.versions, version)
	}
	return path, nil
}

// worker returns the program that measures in an engine's process.
func (b *bench) worker(version int) (string, error) {
	return b.once(fmt.Sprint("worker", version), func() (string, string, error) {
		out := filepath.Join(b.work, fmt.Sprint("worker", version))
		build := []string{"go", "build", "-o", out, "./tools/bench/worker"}
		name := "wasmtime 42.0.0"
		if version == 50 {
			build, name = append([]string{"tools/engines/with50"}, build...), "wasmtime 50.0.1"
		}
		return out, name, b.do(build[0], build[1:]...)
	})
}

// inEngine does a job in a fresh process.
func inEngine[R any](b *bench, e *engine, j job.Job) (r R, err error) {
	program, err := b.worker(e.version)
	if err != nil {
		return r, err
	}
	j.NoConcurrency = e.noConcurrency
	in, err := json.Marshal(j)
	if err != nil {
		return r, err
	}
	cmd := exec.CommandContext(b.ctx, program)
	cmd.Stdin = bytes.NewReader(in)
	cmd.Stderr = os.Stderr
	if e.noConcurrency {
		cmd.Env = append(os.Environ(), "WASMTIME_CONCURRENCY=off")
	}
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%s, %s of %v: %w", e.name, j.Kind, j.Files, err)
	}
	return r, json.Unmarshal(out, &r)
}

// inProcesses does a job in several fresh processes, and joins their results.
func inProcesses(b *bench, e *engine, j job.Job, n int) (all []job.Result, err error) {
	for range n {
		r, err := inEngine[[]job.Result](b, e, j)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = r
			continue
		}
		for i := range r {
			all[i].Ratios = append(all[i].Ratios, r[i].Ratios...)
			for k := range r[i].Ns {
				all[i].Ns[k] = append(all[i].Ns[k], r[i].Ns[k]...)
			}
		}
	}
	return all, nil
}

// kit returns a program that a script of tools/guests installs.
func (b *bench) kit(name, script, path string) (string, error) {
	return b.once(name, func() (string, string, error) {
		kit := os.Getenv("GUEST_KIT")
		if kit == "" {
			kit = filepath.Join(b.cache, "guests")
		}
		program := filepath.Join(kit, path)
		if _, err := os.Stat(program); err != nil {
			if _, err := b.output([]string{"GUEST_KIT=" + kit}, filepath.Join(b.root, "tools/guests", script)); err != nil {
				return "", "", err
			}
		}
		version, err := b.output(nil, program, "--version")
		return program, string(bytes.TrimSpace([]byte(version))), err
	})
}

// cli returns wasmtime's command line, whose inliner can be turned on.
func (b *bench) cli() (string, error) {
	return b.once("cli", func() (string, string, error) {
		const version = "49.0.4"
		if err := b.do(filepath.Join(b.root, "tools/engines/get-wasmtime-cli.sh")); err != nil {
			return "", "", err
		}
		engines := os.Getenv("ENGINES")
		if engines == "" {
			engines = filepath.Join(b.cache, "engines")
		}
		return filepath.Join(engines, "wasmtime-cli-"+version, "wasmtime"), "wasmtime's command line " + version, nil
	})
}

func (b *bench) wasmTools() (string, error) {
	return b.kit("wasm-tools", "get-wasm-tools.sh", "prefix/wasm-tools/bin/wasm-tools")
}
