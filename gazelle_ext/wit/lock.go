// This file implements wkg.lock, the file in which wkg records the WIT packages that it has fetched, and directives that say
// where such packages are.

package wit

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/walk"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

// lockName is the name of lock files. wkg puts them where it is run, most often above the folder of the WIT files.
const lockName = "wkg.lock"

// lockVersion is the only version of lock files that there is.
const lockVersion = 1

// wkgLock has the versions of the packages in a lock file.
type wkgLock struct {
	file     string // relative to the root of the repository
	versions map[string][]string
}

// readLock reads the lock file of a folder, or returns nil if there is none.
func readLock(root, rel string) (*wkgLock, error) {
	if info, err := walk.GetDirInfo(rel); err != nil || !slices.Contains(info.RegularFiles, lockName) {
		return nil, nil
	}
	name := path.Join(rel, lockName)
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	return parseLock(name, src)
}

// parseLock parses a lock file. wkg also reads those of its first versions, whose tables are called package and version.
func parseLock(name string, src []byte) (*wkgLock, error) {
	type version struct {
		Version string `toml:"version"`
	}
	type pkg struct {
		Name     string    `toml:"name"`
		Versions []version `toml:"versions"`
		Version  []version `toml:"version"`
	}
	var file struct {
		Version  int   `toml:"version"`
		Packages []pkg `toml:"packages"`
		Package  []pkg `toml:"package"`
	}
	if err := toml.Unmarshal(src, &file); err != nil {
		var at toml.ParseError
		if errors.As(err, &at) {
			return nil, fmt.Errorf("%s:%d:%d: %s; write it anew with `wkg wit fetch`", name, at.Position.Line, at.Position.Col, at.Message)
		}
		return nil, fmt.Errorf("%s: %v; write it anew with `wkg wit fetch`", name, err)
	}
	if file.Version != lockVersion {
		return nil, fmt.Errorf("%s: version %d of lock files is not known, only %d", name, file.Version, lockVersion)
	}
	lock := &wkgLock{file: name, versions: map[string][]string{}}
	for _, p := range append(file.Packages, file.Package...) {
		for _, v := range append(p.Versions, p.Version...) {
			if !slices.Contains(lock.versions[p.Name], v.Version) {
				lock.versions[p.Name] = append(lock.versions[p.Name], v.Version)
			}
		}
	}
	return lock, nil
}

// packagePlace is a wit_resolve directive: where the libraries of some packages are.
type packagePlace struct {
	pattern iface.Pattern
	label   string // with fields for the parts of a package's name
}

// wasiPlace is where the extension wasi of rules_wasm_fuse has the packages of WASI.
var wasiPlace = packagePlace{pattern: wasi, label: "@wasi//{version}:{package}"}

// parsePlace parses the value of a wit_resolve directive in the BUILD file of a folder.
func parsePlace(value, rel string) (p packagePlace, err error) {
	f := strings.Fields(value)
	if len(f) != 2 || strings.Contains(f[0], "/") {
		return p, fmt.Errorf("expected PATTERN LABEL, with a pattern of WIT packages as wasi:* or my:types@1, and a label with {namespace}, {package} and {version} for the parts of a package's name")
	}
	if p.pattern, err = iface.ParsePattern(f[0]); err != nil {
		return p, fmt.Errorf("%s: %w", f[0], err)
	}
	if strings.ContainsAny(packageFields.Replace(f[1]), "{}") {
		return p, fmt.Errorf("%s: expected only {namespace}, {package} and {version} in braces", f[1])
	}
	p.label = f[1]
	at, ok := p.expand("a:b", "1.0.0")
	if !ok {
		return p, fmt.Errorf("%s is not a label", f[1])
	}
	if at.Relative {
		p.label = "//" + rel + ":" + strings.TrimPrefix(f[1], ":")
	}
	return p, nil
}

// has reports whether a package is one of those in the place.
func (p packagePlace) has(id, version string) bool {
	// Patterns are of imports. Any interface stands for its package.
	x := iface.Extern{Name: spellings(id+"/x", version)[0], Version: version}
	return !strings.Contains(id, "/") && p.pattern.Matches(x)
}

// expand returns the label of a package's library, if it is a label.
func (p packagePlace) expand(id, version string) (label.Label, bool) {
	i := strings.LastIndexByte(id, ':')
	if i < 0 || version == "" && strings.Contains(p.label, "{version}") {
		return label.NoLabel, false
	}
	at, err := label.Parse(strings.NewReplacer("{namespace}", strings.ReplaceAll(id[:i], ":", "/"), "{package}", id[i+1:], "{version}", version).Replace(p.label))
	return at, err == nil
}

// placed returns the label that a wit_resolve directive gives a package, by the last one that matches.
func placed(c *config.Config, id, version string) (label.Label, bool) {
	for _, p := range slices.Backward(getConfig(c).places) {
		if p.has(id, version) {
			if at, ok := p.expand(id, version); ok {
				return local(c, at), true
			}
		}
	}
	return label.NoLabel, false
}

// locked returns the library of a package of WASI that the lock file of a folder has.
func locked(c *config.Config, id, version string) (label.Label, bool) {
	if lock := getConfig(c).lock; lock == nil || !slices.Contains(lock.versions[id], version) || !wasiPlace.has(id, version) {
		return label.NoLabel, false
	}
	return wasiPlace.expand(id, version)
}

// lockAdvice says what the lock file of a folder has of a package that has no library.
func lockAdvice(c *config.Config, id, version string) string {
	lock := getConfig(c).lock
	if lock == nil || len(lock.versions[id]) == 0 {
		return ""
	}
	if slices.Contains(lock.versions[id], version) {
		namespace, _, _ := strings.Cut(id, ":")
		return fmt.Sprintf(" (%s has it: `wkg wit fetch` puts it in a deps folder, or the extension wkg has it, with \"# gazelle:wit_resolve %s:* @wkg//{namespace}/{version}:{package}\")", lock.file, namespace)
	}
	return fmt.Sprintf(" (%s has it only in %s)", lock.file, strings.Join(lock.versions[id], ", "))
}
