// Command bench measures fused components against their compositions, and the fuser against a validator, and prints one table:
//
//	go run ./tools/bench                     everything, about 40 minutes
//	go run ./tools/bench -quick              about 5 minutes: fewer rounds, no huge inputs
//	go run ./tools/bench -write              writes fusecore/BENCHMARKS.md
//	go run ./tools/bench -only calls,size    some sections
//	go run ./tools/bench -wasmfuse PATH      measures another build of the command
//	go run ./tools/bench -results FILE       keeps what is measured, and takes sections that are not measured now from there
//
// Every figure is processor time. Both sides of a ratio are measured alternately, in one process or in fresh ones, and a ratio is
// taken in each round; the table has the median, the least and the greatest of them. Nothing here runs in CI: a machine's
// time proves nothing there.
//
// The compositions and the fused forms are made by the wasmfuse command. Engines, wasm-tools, binaryen and real guests are
// installed by the project's scripts in the user's cache on first use.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// bench is one run of the command.
type bench struct {
	ctx        context.Context
	root       string // of the repository
	cache      string // of the user, for what is installed
	work       string // temporary
	wasmfuse   string
	quick      bool
	versions   []string // of the tools used, for the head of the table
	tools      map[string]string
	made       map[string]*forms
	real       []*graph // the real guests that can be measured
	unmeasured []string
}

// section is a part of the table.
type section struct {
	name    string
	measure func(*bench) ([]table, error)
}

var sections = []section{
	{"calls", (*bench).calls},
	{"strings", (*bench).strings},
	{"code", (*bench).guestCode},
	{"host", (*bench).hostCalls},
	{"instantiate", (*bench).instantiate},
	{"size", (*bench).sizes},
	{"fuse", (*bench).fuser},
	{"single", (*bench).single},
	{"peers", (*bench).peers},
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == measureCommand {
		measureChild(os.Args[2:])
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	var names []string
	for _, s := range sections {
		names = append(names, s.name)
	}
	quick := flag.Bool("quick", false, "measure in about five minutes")
	write := flag.Bool("write", false, "write the table to fusecore/BENCHMARKS.md")
	only := flag.String("only", "", "sections to measure, separated by commas: "+strings.Join(names, ", ")+"; or none, to write what -results has")
	wasmfuse := flag.String("wasmfuse", "", "the command to measure; by default it is built here")
	remark := flag.String("remark", "", "a sentence about the circumstances, for the head of the table")
	results := flag.String("results", "", "a file that keeps the tables of each section between runs")
	flag.Parse()
	chosen := names
	switch *only {
	case "":
	case "none":
		chosen = nil
	default:
		chosen = strings.Split(*only, ",")
	}
	for _, c := range chosen {
		if !slices.Contains(names, c) {
			return fmt.Errorf("no section is %q; there are %s", c, strings.Join(names, ", "))
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b, err := newBench(ctx, *quick, *wasmfuse)
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	kept, err := load(*results)
	if err != nil {
		return err
	}
	for _, s := range sections {
		if !slices.Contains(chosen, s.name) {
			continue
		}
		start := time.Now()
		b.logf("%s ...", s.name)
		tables, err := s.measure(b)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		kept[s.name] = &measured{start.UTC().Format(time.DateOnly), b.commit(), b.quick, b.versions, b.unmeasured, tables}
		b.logf("%s: %.0f s", s.name, time.Since(start).Seconds())
		if err := save(*results, kept); err != nil {
			return err
		}
	}
	text := render(kept, *remark)
	if *write {
		for _, s := range sections {
			if m := kept[s.name]; m == nil || m.Quick {
				return fmt.Errorf("%s has not been measured in full: not written", s.name)
			}
		}
		return os.WriteFile(filepath.Join(b.root, "fusecore/BENCHMARKS.md"), []byte(text), 0o644)
	}
	fmt.Print(text)
	return nil
}

func newBench(ctx context.Context, quick bool, wasmfuse string) (*bench, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: run it inside the repository", err)
	}
	b := &bench{ctx: ctx, root: strings.TrimSpace(string(out)), quick: quick, wasmfuse: wasmfuse, tools: map[string]string{}, made: map[string]*forms{}}
	if b.cache = os.Getenv("WASMFUSE_CACHE"); b.cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		b.cache = filepath.Join(dir, "rules_wasm_fuse")
	}
	if b.work, err = os.MkdirTemp("", "wasmfuse-bench"); err != nil {
		return nil, err
	}
	if b.wasmfuse == "" {
		b.wasmfuse = filepath.Join(b.work, "wasmfuse")
		if err := b.do("go", "build", "-o", b.wasmfuse, "./tools/wasmfuse"); err != nil {
			return nil, err
		}
	} else if b.wasmfuse, err = filepath.Abs(b.wasmfuse); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *bench) logf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}

// do runs a command in the root of the repository, with its output on standard error if it fails.
func (b *bench) do(name string, args ...string) error {
	_, err := b.output(nil, name, args...)
	return err
}

// output runs a command in the root of the repository.
func (b *bench) output(env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(b.ctx, name, args...)
	cmd.Dir = b.root
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, stderr.String())
	}
	return string(out), nil
}

// processor returns the number of processors and their model.
func processor() string {
	model := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if _, after, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(line, "model name") {
				model = strings.TrimSpace(after)
				break
			}
		}
	}
	return fmt.Sprintf("%d processors, %s", runtime.NumCPU(), model)
}
