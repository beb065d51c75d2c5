// This file implements calls that are written as text.

package runner

import (
	"errors"
	"strings"
)

// SplitCall cuts name(arg, arg) into the name and the arguments' texts. Commas in strings and brackets do not part.
func SplitCall(text string) (name string, args []string, err error) {
	name, rest, ok := strings.Cut(text, "(")
	if !ok || name == "" || !strings.HasSuffix(rest, ")") {
		return "", nil, errors.New("expected func(ARG, ...)")
	}
	rest = rest[:len(rest)-1]
	depth, start := 0, 0
	var quote byte
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		case c == ',' && depth == 0:
			args = append(args, strings.TrimSpace(rest[start:i]))
			start = i + 1
		}
		if depth < 0 {
			return "", nil, errors.New("a closing bracket too many")
		}
	}
	if quote != 0 || depth != 0 {
		return "", nil, errors.New("a string or bracket is not closed")
	}
	if last := strings.TrimSpace(rest[start:]); last != "" || len(args) > 0 {
		args = append(args, last)
	}
	return name, args, nil
}
