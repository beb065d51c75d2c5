package extname

import (
	"errors"
	"fmt"
	"strings"
)

// Pattern matches names of imports.
//
//	ns:pkg          all interfaces of the package
//	ns:pkg/iface    an interface
//	label           a plain name
//
// In each, "*" stands for any characters but "/". A version after "@" restricts a pattern to that version, or to a
// compatibility track ([Track]): ns:pkg@0.2. Without one it matches all versions.
type Pattern struct {
	Text          string // as written
	name, version string
}

// ParsePattern parses a pattern.
func ParsePattern(s string) (Pattern, error) {
	p := Pattern{Text: s}
	name, version, versioned := strings.Cut(s, "@")
	p.name, p.version = name, version
	if name == "" {
		return p, errors.New("a pattern cannot be empty: expected ns:pkg, ns:pkg/iface or a plain name, each with * for any characters")
	}
	for i := range len(name) {
		if c := name[i]; !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-:/*[].", c) >= 0) {
			return p, fmt.Errorf("%q has no place in a pattern: expected ns:pkg, ns:pkg/iface or a plain name, each with * for any characters", name[i:i+1])
		}
	}
	if strings.Contains(name, "/") && !strings.ContainsAny(name, ":*") {
		return p, errors.New("an interface needs a namespace: expected ns:pkg/iface")
	}
	if !versioned || IsCanonicalVersion(version) {
		return p, nil
	}
	if _, err := ParseVersion(version); err != nil {
		return p, fmt.Errorf("%q is neither a version nor a compatibility track such as 1 or 0.2: %w", version, err)
	}
	return p, nil
}

// Matches reports whether a name matches, the full version of which is given apart.
func (p Pattern) Matches(n Name, version string) bool {
	return p.Names(n) && (p.version == "" || p.version == version || p.version == n.Version || p.version == Track(version))
}

// Names reports whether a name matches but for its version.
func (p Pattern) Names(n Name) bool { return glob(p.name, p.subject(n)) }

// Like reports whether a predicate holds for the pattern without its version and what it would have to match of a name.
func (p Pattern) Like(n Name, near func(pattern, name string) bool) bool {
	return near(p.name, p.subject(n))
}

// subject returns what a pattern is compared with.
func (p Pattern) subject(n Name) string {
	switch {
	case n.Kind != Interface:
		return n.Text
	case strings.Contains(p.name, "/"):
		return n.ID()
	}
	return n.Namespace + ":" + n.Package
}

// glob reports whether a text matches a pattern in which "*" stands for any characters but "/". After a star, the text
// is tried from each later place, but only for the last star that was passed: an earlier one could not do more.
func glob(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0 && text[from] != '/':
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
