package main

import (
	"fmt"
	"io"
	"time"
)

// render writes the figures as a page.
func render(w io.Writer, all []*figures, bazel bool) {
	fmt.Fprint(w, `# Scale

Written by `+"`go run ./gazelle_ext/bench -bazel -write`"+`, which generates the repositories (internal/monorepo). Times are
processor time. Memory is the most that Gazelle had, and what Bazel's heap has after the analysis. After a change of a WIT
package, each package that uses it is checked anew, one action each, and each component whose world uses it is made anew.
What depends on these is only made anew if they have other bytes. After a change of comments, only the package itself is checked.

`)
	row := func(name string, value func(*figures) string) {
		fmt.Fprintf(w, "| %s |", name)
		for _, f := range all {
			fmt.Fprintf(w, " %s |", value(f))
		}
		fmt.Fprintln(w)
	}
	number := func(of func(*figures) int) func(*figures) string {
		return func(f *figures) string { return fmt.Sprint(of(f)) }
	}
	used := func(of func(*figures) usage) func(*figures) string {
		return func(f *figures) string {
			u := of(f)
			return fmt.Sprintf("%.1f s, %d MB", u.cpu.Seconds(), u.memory>>20)
		}
	}
	row("components", number(func(f *figures) int { return f.components }))
	fmt.Fprint(w, "|---|")
	for range all {
		fmt.Fprint(w, "---:|")
	}
	fmt.Fprintln(w)
	row("WIT packages", number(func(f *figures) int { return f.packages }))
	row("BUILD files", number(func(f *figures) int { return f.files }))
	row("KB of BUILD files", number(func(f *figures) int { return f.bytes >> 10 }))
	row("Gazelle, first run", used(func(f *figures) usage { return f.first }))
	row("Gazelle, no change", used(func(f *figures) usage { return f.second }))
	row("Gazelle, one folder, `-index=lazy -r=false`", func(f *figures) string {
		return fmt.Sprintf("%d ms (elapsed %d ms), %d MB", f.lazy.cpu.Milliseconds(), f.lazyWall.Round(time.Millisecond).Milliseconds(), f.lazy.memory>>20)
	})
	if bazel {
		row("targets that Bazel configures", number(func(f *figures) int { return f.targets }))
		row("`bazel build --nobuild //...`", used(func(f *figures) usage { return f.analysis }))
		for i, change := range changes {
			row("packages and components anew after a change of "+change.name, func(f *figures) string {
				return fmt.Sprintf("%d, %d", f.rebuilt[i].packages, f.rebuilt[i].components)
			})
		}
	}
}
