package gazelle_ext_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var advised = regexp.MustCompile(`"(# gazelle:[^"]+)"`)

// TestAdvice follows each directive that a message suggests, alone, which must remove the message. Following all
// suggestions together must leave no messages.
func TestAdvice(t *testing.T) {
	for _, c := range []struct {
		name string
		// count is the number of messages with advice that can be followed literally.
		count int
		// replace maps placeholders in the advice to what a user would write.
		replace string
	}{
		{name: "fuse_ambiguous", count: 1}, {name: "fuse_middleware", count: 2}, {name: "fuse_middleware_long", count: 5},
		{name: "fuse_middleware_left_out", count: 1}, {name: "fuse_middleware_no_end", count: 4}, {name: "fuse_cycle", count: 1}, {name: "fuse_missing", count: 1},
		{name: "fuse_older_version", count: 1, replace: "//:kv"}, {name: "supply_keeps", count: 1},
		{name: "library_ambiguous", count: 1}, {name: "library_missing_version", count: 1, replace: "@other//:wit"},
		{name: "vendored_several", count: 1}, {name: "component_vendored_twice", count: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before, _ := runGazelle(t, adviceTree(t, c.name, nil))
			var all []string
			messages := 0
			for _, msg := range strings.Split(strings.TrimSpace(before), "\n") {
				found := advised.FindAllStringSubmatch(msg, -1)
				if found == nil {
					continue
				}
				messages++
				first := ""
				for i, m := range found {
					directive := m[1]
					if c.replace != "" {
						directive = strings.ReplaceAll(directive, "LABEL", c.replace)
					}
					if strings.Contains(directive, "LABEL") || strings.HasSuffix(directive, ":wasm_fuse_root") {
						continue
					}
					if first == "" {
						first = directive
					}
					after, _ := runGazelle(t, adviceTree(t, c.name, []string{directive}))
					if strings.Contains(after, msg) || strings.Count(after, "\n") > strings.Count(before, "\n") {
						t.Errorf("advice %d, %s, settles nothing: before\n%safter\n%s", i, directive, before, after)
					}
				}
				if first == "" {
					t.Errorf("no advice in %s", msg)
				}
				all = append(all, first)
			}
			if messages != c.count {
				t.Errorf("%d messages with advice, want %d:\n%s", messages, c.count, before)
			}
			if after, _ := runGazelle(t, adviceTree(t, c.name, all)); advised.MatchString(after) {
				t.Errorf("with all of %q there is still something to say: %s", all, after)
			}
		})
	}
}

// adviceTree copies a golden tree and adds directives to the BUILD file at its root.
func adviceTree(t *testing.T, name string, directives []string) string {
	dir := t.TempDir()
	from := filepath.Join("testdata", name)
	for file, data := range tree(t, from) {
		switch filepath.Base(file) {
		case "BUILD.out":
			continue
		case "BUILD.in":
			file = filepath.Join(filepath.Dir(file), "BUILD.bazel")
		}
		write(t, filepath.Join(dir, file), data)
	}
	root := filepath.Join(dir, "BUILD.bazel")
	text, err := os.ReadFile(root)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	write(t, root, []byte(strings.Join(append(directives, ""), "\n")+string(text)))
	write(t, filepath.Join(dir, "MODULE.bazel"), nil)
	return dir
}

// TestMiddlewareAdvice checks that following the advice for a chain leads to one fusion that contains all of it.
func TestMiddlewareAdvice(t *testing.T) {
	dir := adviceTree(t, "fuse_middleware_long", nil)
	stderr, _ := runGazelle(t, dir)
	for range 10 { // one after the other, as a user would
		m := advised.FindStringSubmatch(stderr)
		if m == nil {
			break
		}
		text, err := os.ReadFile(filepath.Join(dir, "BUILD.bazel"))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "BUILD.bazel"), append([]byte(m[1]+"\n"), text...))
		stderr, _ = runGazelle(t, dir)
	}
	if stderr != "" {
		t.Fatalf("still something to say: %s", stderr)
	}
	build, err := os.ReadFile(filepath.Join(dir, "BUILD.bazel"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(build), "wasm_component_fuse("); n != 1 {
		t.Errorf("%d fusions, want 1:\n%s", n, build)
	}
	deps := regexp.MustCompile(`deps = \[":(\w+)"\]`).FindAllStringSubmatch(string(build), -1)
	seen := map[string]bool{}
	for _, d := range deps {
		seen[d[1]] = true
	}
	if len(seen) != 5 { // all except the client
		t.Errorf("%d components are supplied, want 5:\n%s", len(seen), build)
	}
}
