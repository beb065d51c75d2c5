// Command bench measures Gazelle with the extension, and Bazel's analysis of what it generates, in repositories of
// 1/8, 1/4, 1/2 and all of 10,000 components and 20,000 WIT packages:
//
//	go run ./gazelle_ext/bench                  Gazelle, about a minute
//	go run ./gazelle_ext/bench -bazel           also Bazel, about ten minutes
//	go run ./gazelle_ext/bench -bazel -write    writes gazelle_ext/BENCHMARKS.md
//
// Times are processor time. Run it in the root of this repository. No test depends on a time: TestScale counts statements.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/bazel-contrib/bazel-gazelle/v2/cmd/gazelle/update"
	"github.com/bazelbuild/bazel-gazelle/language"

	"github.com/wasmfuse/rules_wasm_fuse/gazelle_ext/internal/monorepo"
	"github.com/wasmfuse/rules_wasm_fuse/gazelle_ext/wit"
)

// gazelleCommand makes this program be Gazelle with the extension.
const gazelleCommand = "gazelle"

// out is where -write puts the table.
const out = "gazelle_ext/BENCHMARKS.md"

func main() {
	log.SetFlags(0)
	if len(os.Args) > 1 && os.Args[1] == gazelleCommand {
		wd, err := os.Getwd()
		if err == nil {
			err = update.Run(context.Background(), []language.Language{wit.NewLanguage()}, wd, os.Args[2:])
		}
		if err != nil && !errors.Is(err, flag.ErrHelp) {
			log.Fatal(err)
		}
		return
	}
	if err := run(); err != nil {
		log.Fatal("bench: ", err)
	}
}

func run() error {
	teams := flag.Int("teams", 10000/monorepo.Components, "teams of the largest repository, of 20 components each")
	bazel := flag.Bool("bazel", false, "measure Bazel's analysis, by tools/bazel")
	write := flag.Bool("write", false, "write "+out)
	flag.Parse()
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	if _, err := os.Stat("gazelle_ext/bench"); err != nil {
		return errors.New("run it in the root of the repository of rules_wasm_fuse")
	}
	work, err := os.MkdirTemp("", "monorepo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	var all []*figures
	var b *analyser
	if *bazel {
		b = &analyser{root: root, base: filepath.Join(work, "bazel")}
		defer b.shutdown()
	}
	for _, part := range []int{8, 4, 2, 1} {
		f, err := measure(filepath.Join(work, "repository"), *teams/part, b)
		if err != nil {
			return err
		}
		all = append(all, f)
		fmt.Fprintf(os.Stderr, "measured %d components and %d WIT packages\n", f.components, f.packages)
	}
	var text bytes.Buffer
	render(&text, all, *bazel)
	if *write {
		return os.WriteFile(out, text.Bytes(), 0o644)
	}
	_, err = os.Stdout.Write(text.Bytes())
	return err
}

// usage is what a process used: processor time, and the most memory, in bytes.
type usage struct {
	cpu    time.Duration
	memory int
}

// figures are those of one repository.
type figures struct {
	teams, components, packages int
	files, bytes                int   // BUILD files
	first, second, lazy         usage // Gazelle: without BUILD files, with all of them, and in one folder with -index=lazy
	lazyWall                    time.Duration
	targets                     int
	analysis                    usage     // Bazel
	rebuilt                     []rebuilt // by changes
}

// rebuilt is what Bazel makes anew after a change.
type rebuilt struct{ packages, components int }

// measure writes a repository, and measures everything in it. It must be in one place for all sizes, because Bazel's server
// belongs to a folder.
func measure(dir string, teams int, b *analyser) (*figures, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := monorepo.Write(dir, teams); err != nil {
		return nil, err
	}
	f := &figures{teams: teams}
	if err := f.count(dir); err != nil {
		return nil, err
	}
	var err error
	if f.first, err = gazelle(dir); err != nil {
		return nil, err
	}
	if f.second, err = gazelle(dir); err != nil {
		return nil, err
	}
	start := time.Now()
	if f.lazy, err = gazelle(dir, "-index=lazy", "-r=false", monorepo.Team(teams/2)+"/app"); err != nil {
		return nil, err
	}
	f.lazyWall = time.Since(start)
	f.components, f.packages, f.files, f.bytes = 0, 0, 0, 0
	if err := f.count(dir); err != nil {
		return nil, err
	}
	if b != nil {
		err = b.measure(dir, f)
	}
	return f, err
}

// count counts components, packages and BUILD files.
func (f *figures) count(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch {
		case filepath.Ext(path) == ".wit":
			f.packages++
		case filepath.Ext(path) == ".wasm":
			f.components++
		case d.Name() == "BUILD.bazel":
			info, err := d.Info()
			if err != nil {
				return err
			}
			f.files++
			f.bytes += int(info.Size())
		}
		return nil
	})
}

// gazelle runs Gazelle in a folder, in a fresh process.
func gazelle(dir string, args ...string) (usage, error) {
	self, err := os.Executable()
	if err != nil {
		return usage{}, err
	}
	cmd := exec.Command(self, append([]string{gazelleCommand}, args...)...)
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	if err == nil && len(text) > 0 {
		err = errors.New("it reports problems")
	}
	if err != nil {
		return usage{}, fmt.Errorf("gazelle: %w\n%.2000s", err, text)
	}
	r := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return usage{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), int(r.Maxrss) << 10}, nil
}
