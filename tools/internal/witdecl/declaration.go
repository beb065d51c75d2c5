// Package witdecl reads the package name that a WIT file declares, in text or binary form.
package witdecl

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

// IsBinary reports whether a file contains a WIT package in binary form, judging by its name.
func IsBinary(file string) bool { return strings.HasSuffix(file, ".wasm") }

// Of returns the name that a file declares, in either form. The line is 0 for the binary form.
func Of(file string, data []byte) (name string, line int, err error) {
	if !IsBinary(file) {
		return Text(string(data))
	}
	p, err := iface.ReadPackage(file, data)
	if err != nil {
		return "", 0, err
	}
	return p.Name, 0, nil
}

// Text reads the package declaration of a WIT file (WIT.md, "Package declaration"): `package ns:name@1.0.0;`, after
// white space and comments. It returns the name without white space and without the % of escaped identifiers, or an
// empty name if the file begins with something else, such as a package in braces. The line counts from 1.
func Text(text string) (name string, line int, err error) {
	s := &scanner{rest: text, line: 1}
	if err := s.space(); err != nil {
		return "", s.line, err
	}
	line = s.line
	if s.word() != "package" {
		return "", line, nil
	}
	var b strings.Builder
	for {
		if err := s.space(); err != nil {
			return "", s.line, err
		}
		switch c := s.peek(); {
		case c == ';':
			if name := b.String(); strings.Contains(name, ":") {
				return name, line, nil
			}
			return "", line, fmt.Errorf("package %s has no namespace: write namespace:name", b.String())
		case c == '{':
			return "", line, nil
		case c == 0:
			return "", s.line, errors.New("the file ends within its package declaration: a ; is missing")
		case strings.IndexByte(":/@", c) >= 0:
			b.WriteByte(c)
			s.rest = s.rest[1:]
		default:
			w := s.word()
			if w == "" {
				return "", s.line, fmt.Errorf("%q has no place in a package declaration", c)
			}
			b.WriteString(strings.TrimPrefix(w, "%"))
		}
	}
}

// scanner is a position in a text.
type scanner struct {
	rest string
	line int
}

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.rest == "" {
		return 0
	}
	return s.rest[0]
}

// word consumes the characters of an identifier or of a version.
func (s *scanner) word() string {
	n := 0
	for n < len(s.rest) && isWord(s.rest[n]) {
		n++
	}
	w := s.rest[:n]
	s.rest = s.rest[n:]
	return w
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("%-.+", c) >= 0
}

// space skips white space and comments, which may be nested.
func (s *scanner) space() error {
	for depth, open := 0, 0; ; {
		switch {
		case s.rest == "":
			if depth > 0 {
				return fmt.Errorf("the comment that begins in line %d does not end: */ is missing", open)
			}
			return nil
		case strings.HasPrefix(s.rest, "/*"):
			if depth++; depth == 1 {
				open = s.line
			}
			s.rest = s.rest[2:]
		case depth > 0 && strings.HasPrefix(s.rest, "*/"):
			depth--
			s.rest = s.rest[2:]
		case depth == 0 && strings.HasPrefix(s.rest, "//"):
			n := strings.IndexByte(s.rest, '\n')
			if n < 0 {
				n = len(s.rest)
			}
			s.rest = s.rest[n:]
		case s.rest[0] == '\n':
			s.line++
			s.rest = s.rest[1:]
		case depth > 0 || strings.IndexByte(" \t\r", s.rest[0]) >= 0:
			s.rest = s.rest[1:]
		default:
			return nil
		}
	}
}
