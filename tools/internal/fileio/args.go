// This file implements files of arguments.

package fileio

import (
	"fmt"
	"os"
	"strings"
)

// Args returns the arguments of a command line without the program's name: those given, or if there is one, @FILE, the lines
// of that file, or of standard input if FILE is [Std]. Systems limit the length of a command line, Windows to 32,767 characters,
// so Bazel writes a longer one to a file. A line that begins with an apostrophe is quoted as for a POSIX shell, so that an argument
// can have line breaks.
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
	args := []string{}
	for rest := string(text); rest != ""; {
		var arg string
		if rest[0] == '\'' {
			if arg, rest, ok = quoted(rest); !ok {
				return nil, fmt.Errorf("%s: argument %d begins with an apostrophe: expected '...' to the end of a line, with '\\'' for an apostrophe in it", name, len(args)+1)
			}
		} else {
			arg, rest, _ = strings.Cut(rest, "\n")
			arg = strings.TrimSuffix(arg, "\r")
		}
		args = append(args, arg)
	}
	return args, nil
}

// quoted returns the argument that a text begins with, '...' with '\” for an apostrophe in it, and what follows its line. It reports
// whether there is such an argument.
func quoted(text string) (arg, rest string, ok bool) {
	var b strings.Builder
	for {
		if text, ok = strings.CutPrefix(text, "'"); !ok {
			return "", "", false
		}
		part, after, closed := strings.Cut(text, "'")
		if !closed {
			return "", "", false
		}
		b.WriteString(part)
		if text, ok = strings.CutPrefix(after, `\'`); !ok {
			line, rest, _ := strings.Cut(after, "\n")
			return b.String(), rest, strings.TrimSuffix(line, "\r") == ""
		}
		b.WriteByte('\'')
	}
}
