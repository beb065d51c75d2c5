// Package monorepo writes large repositories of WIT packages and components, with MODULE.bazel but without BUILD files other
// than for directives, for tests and measurements of scale.
//
// A repository consists of teams of 20 components and about 40 WIT packages, all small but valid, so that it can be built:
//
//	base                  packages that all teams use, and a component of the platform
//	wasi                  packages of WASI
//	org0/team12/wit/p7    WIT packages of a team
//	org0/team12/c7        components of a team
//	org0/team12/app/wit   the world of the team's program, with vendored packages in its deps folder
//
// Packages use others of their team, in chains and trees, of other teams, and of base. Some have a second version. The
// components form layers: each imports from one or two of its team, some from those of other teams. All import the log
// of base, which each team also implements, so the nearest one is chosen among as many as there are teams.
// Every other team says in a directive which component is its program, and has a document.
package monorepo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/gazelle_ext/internal/testcomponent"
)

// The components and WIT packages of a team. The whole repository has a few more, of base and wasi.
const (
	Components = 20
	Packages   = 40
)

const (
	orgSize  = 25 // teams of an organisation
	public   = 4  // the first components of a team, and their packages, that other teams use
	program  = Components - 1
	versions = 4 // packages of a team that have a second version
	vendored = 2 // packages in the deps folder of a team's program
	// texts is the number of packages in folders of their own.
	texts = Packages - versions - vendored - 1
)

// Write writes a repository with a number of teams below dir.
func Write(dir string, teams int) error {
	w := &writer{dir: dir}
	w.file("BUILD.bazel", "")
	w.file("MODULE.bazel", "module(name = \"monorepo\")\n\nbazel_dep(name = \"rules_wasm_fuse\")\n")
	for name, text := range shared {
		w.file(name, text)
	}
	w.component("base/log.wasm", "export base:log/sink@1.0.0")
	for i := range teams {
		w.team(i)
	}
	return w.err
}

// shared are the packages of WASI and of base.
var shared = map[string]string{
	"wasi/io/io.wit":         ioText,
	"wasi/clocks/clocks.wit": clocksText,
	"base/types/types.wit":   "package base:types@1.0.0;\n\ninterface types {\n  record id { hi: u64, lo: u64 }\n  variant error { denied, missing(string) }\n}\n",
	"base/wit/log.wit":       "package base:log@1.0.0;\n\ninterface sink {\n  f: func();\n}\n",
}

const (
	ioText     = "package wasi:io@0.2.0;\n\ninterface poll {\n  resource pollable;\n}\n"
	clocksText = "package wasi:clocks@0.2.0;\n\ninterface monotonic-clock {\n  use wasi:io/poll@0.2.0.{pollable};\n  subscribe: func() -> pollable;\n}\n"
)

type writer struct {
	dir string
	err error // the first
}

func (w *writer) file(name, text string) {
	if w.err != nil {
		return
	}
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if w.err = os.MkdirAll(filepath.Dir(path), 0o755); w.err == nil {
		w.err = os.WriteFile(path, []byte(text), 0o644)
	}
}

// component writes a component; see [testcomponent.Parse].
func (w *writer) component(file string, items ...string) {
	wasm, err := testcomponent.Parse(strings.Join(items, "\n"))
	if err != nil && w.err == nil {
		w.err = err
	}
	w.file(file, string(wasm))
}

// Team returns the folder of a team.
func Team(i int) string { return fmt.Sprintf("org%d/team%d", i/orgSize, i) }

// other returns a team that team i uses, by a number that the use has. It is one with a lower number, so that there are no
// cycles, and most often one of the first ones, which stand for platforms.
func other(i, use int) int {
	if use%2 == 0 {
		return (i*7 + use) % min(i, 10)
	}
	return (i*31 + use*17) % i
}

func (w *writer) team(i int) {
	folder := Team(i)
	for p := range texts {
		w.file(fmt.Sprintf("%s/wit/p%d/p%d.wit", folder, p, p), packageText(i, p, "1.0.0"))
	}
	for p := range versions {
		w.file(fmt.Sprintf("%s/wit/p%d-1.1/p%d.wit", folder, p, p), packageText(i, p, "1.1.0"))
	}
	if i%2 == 0 {
		w.file(folder+"/BUILD.bazel", "# gazelle:wasm_fuse_root app\n")
		w.file(folder+"/logging.wac", fmt.Sprintf("package team%d:logging;\n\nexport new team%d:log { ... }...;\n", i, i))
	}
	w.component(folder+"/log.wasm", "types wasi:io/poll@0.2.0", "export base:log/sink@1.0.0")
	for c := 1; c < program-1; c++ {
		w.component(fmt.Sprintf("%s/c%d/c%d.wasm", folder, c, c), items(i, c)...)
	}
	w.declared(i, program-1)
	w.program(i)
}

// packageText returns the package p of team i.
func packageText(i, p int, version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package team%d:p%d@%s;\n\n", i, p, version)
	b.WriteString("interface types {\n  use base:types/types@1.0.0.{id, error};\n")
	use := func(team, q int, as string) {
		fmt.Fprintf(&b, "  use team%d:p%d/types@1.0.0.{item as %s};\n", team, q, as)
	}
	if p > 0 {
		use(i, p/2, "half")
		if p%10 >= 1 && p%10 <= 4 && p/2 != p-1 {
			use(i, p-1, "last")
		}
		if i > 0 && p%8 == 0 {
			use(other(i, p), p%public, "foreign")
		}
	}
	b.WriteString("  record item { id: id, name: string, parts: list<u32> }\n}\n\ninterface api {\n  use types.{item};\n  f: func();\n}\n")
	if p == program-1 {
		fmt.Fprintf(&b, "\nworld w {\n  import base:log/sink@1.0.0;\n  import team%d:p%d/api@1.0.0;\n  export api;\n}\n", i, p/2)
	}
	return b.String()
}

// items returns what component c of team i imports and exports.
func items(i, c int) []string {
	out := []string{"import base:log/sink@1.0.0", "import wasi:clocks/monotonic-clock@0.2.0"}
	api := func(team, to int) { out = append(out, fmt.Sprintf("import team%d:p%d/api@1.0.0", team, to)) }
	if c/2 > 0 {
		api(i, c/2)
		out = append(out, fmt.Sprintf("types team%d:p%d/types@1.0.0", i, c/2))
	}
	if c%5 == 4 {
		api(i, c-1)
	}
	if i > 0 && c > public && c%3 == 0 {
		api(other(i, c), 1+c%public)
	}
	version := "1.0.0"
	if c < versions {
		version = "1.1.0"
	}
	return append(out, fmt.Sprintf("export team%d:p%d/api@%s", i, c, version), fmt.Sprintf("export-types team%d:p%d/types@%s", i, c, version))
}

// declared writes component c of team i as a core module with a directive.
func (w *writer) declared(i, c int) {
	folder := fmt.Sprintf("%s/c%d", Team(i), c)
	w.file(folder+"/core.wasm", string(testcomponent.Core(fmt.Sprintf("team%d:p%d/api@1.0.0#f", i, c))))
	w.file(folder+"/BUILD.bazel", fmt.Sprintf("# gazelle:wasm_component c%d core.wasm team%d:p%d/w@1.0.0\n", c, i, c))
}

// program writes the last component of a team, from which no other imports, and its world with vendored packages.
func (w *writer) program(i int) {
	folder := Team(i) + "/app"
	out := []string{"import base:log/sink@1.0.0", "export wasi:cli/run@0.2.0"}
	for c := program / 2; c < program; c += 2 {
		out = append(out, fmt.Sprintf("import team%d:p%d/api@1.0.0", i, c))
	}
	w.component(folder+"/app.wasm", out...)
	w.file(folder+"/wit/world.wit", fmt.Sprintf("package team%d:app;\n\nworld app {\n  import wasi:clocks/monotonic-clock@0.2.0;\n  import team%d:p1/api@1.0.0;\n}\n", i, i))
	w.file(folder+"/wit/deps/wasi-io/io.wit", ioText)
	w.file(folder+"/wit/deps/wasi-clocks/clocks.wit", clocksText)
}
