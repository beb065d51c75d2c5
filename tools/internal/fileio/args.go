// This file implements files of arguments.

package fileio

import (
	"os"
	"strings"
)

// Args returns the arguments of a command line without the program's name: those given, or if there is one, @FILE, the lines
// of that file, or of standard input if FILE is [Std]. Systems limit the length of a command line, Windows to 32,767 characters,
// so Bazel writes a longer one to a file.
func Args(given []string) ([]string, error) {
	if len(given) != 1 {
		return given, nil
	}
	name, ok := strings.CutPrefix(given[0], "@")
	if !ok || name == "" {
		return given, nil
	}
	text, err := Read(name, os.Stdin)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	if n := len(lines); lines[n-1] == "" { // the last line ends too
		lines = lines[:n-1]
	}
	return lines, nil
}
