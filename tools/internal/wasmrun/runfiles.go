// This file implements reading of runfiles.

package wasmrun

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// runfiles finds the files that an executable of Bazel's needs when it runs.
type runfiles struct {
	folders   []string // each has all of them
	manifests []string // each says where all of them are
}

// findRunfiles returns the runfiles of an executable, wherever it is started: beside it, as in bazel-bin and in actions; or in the
// folder or manifest that Bazel names in the environment, as of tests; or in those of another executable, which has this
// one among its own.
func findRunfiles(executable string) runfiles {
	r := runfiles{
		folders:   []string{executable + ".runfiles"},
		manifests: []string{executable + ".runfiles_manifest"},
	}
	if dir := os.Getenv("RUNFILES_DIR"); dir != "" {
		r.folders = append(r.folders, dir)
	}
	if file := os.Getenv("RUNFILES_MANIFEST_FILE"); file != "" {
		r.manifests = append(r.manifests, file)
	}
	for dir := filepath.Dir(executable); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if strings.HasSuffix(dir, ".runfiles") {
			r.folders = append(r.folders, dir)
		}
	}
	// Where Bazel makes no links, the folder has nothing but the manifest.
	for _, dir := range r.folders {
		r.manifests = append(r.manifests, filepath.Join(dir, "MANIFEST"))
	}
	return r
}

// find returns where a file or folder is that is named by its path among the runfiles, which begins with its repository.
func (r runfiles) find(name string) (string, error) {
	for _, dir := range r.folders {
		place := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Stat(place); err == nil {
			return place, nil
		}
	}
	for _, manifest := range r.manifests {
		if place := lookUp(manifest, name); place != "" {
			return place, nil
		}
	}
	return "", &fs.PathError{Op: "find", Path: name, Err: fmt.Errorf("it is not among the runfiles: neither in %s nor listed in %s",
		strings.Join(r.folders, ", "), strings.Join(r.manifests, ", "))}
}

// lookUp returns where a manifest says that a file is, or "".
func lookUp(manifest, name string) string {
	f, err := os.Open(manifest)
	if err != nil {
		return ""
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line, escaped := strings.CutPrefix(lines.Text(), " ")
		key, place, _ := strings.Cut(line, " ")
		if escaped { // a line with white space in a path begins with a space
			key = strings.NewReplacer(`\s`, " ", `\n`, "\n", `\b`, `\`).Replace(key)
			place = strings.NewReplacer(`\n`, "\n", `\b`, `\`).Replace(place)
		}
		if key == name {
			return place
		}
	}
	return ""
}
