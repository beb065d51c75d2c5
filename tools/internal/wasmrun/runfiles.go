// This file implements reading of runfiles.

package wasmrun

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
)

// readFile reads a file that a rule names by its path among the runfiles. Bazel makes a folder of these and starts the
// program in it, or, as on Windows, only lists them in a manifest.
func readFile(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	for _, manifest := range []string{os.Getenv("RUNFILES_MANIFEST_FILE"), os.Args[0] + ".runfiles_manifest"} {
		if place := listed(manifest, name); place != "" {
			return os.ReadFile(place)
		}
	}
	return nil, err
}

// mainRepository is the name in manifests of the repository that Bazel was started in.
const mainRepository = "_main"

// listed returns where a manifest says that a file is, or "". Names are relative to the main repository's folder, and those
// of files of other repositories begin with "../".
func listed(manifest, name string) string {
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
		if key == path.Join(mainRepository, name) {
			return place
		}
	}
	return ""
}
