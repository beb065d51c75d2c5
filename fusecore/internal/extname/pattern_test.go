package extname

import (
	"strings"
	"testing"
)

func TestPattern(t *testing.T) {
	for pattern, names := range map[string]struct{ yes, no []string }{
		"wasi:*":           {[]string{"wasi:io/poll@0.2.0", "wasi:io/poll"}, []string{"wasix:io/poll", "wasi", "my:wasi/io"}},
		"my:platform":      {[]string{"my:platform/log@2.0.0", "my:platform/log"}, []string{"my:platforms/log", "my:platform-2/log"}},
		"my:platform/log*": {[]string{"my:platform/log", "my:platform/log-2@1.0.0"}, []string{"my:platform/alog", "my:other/log"}},
		"my:p/l@1.0.0":     {[]string{"my:p/l@1.0.0"}, []string{"my:p/l@1.1.0", "my:p/l", "my:p/l@1.0.0-rc"}},
		"my:p@1":           {[]string{"my:p/l@1.0.0", "my:p/k@1.9.0"}, []string{"my:p/l@2.0.0", "my:p/l", "my:p/l@1.0.0-rc"}},
		"my:p@0.2":         {[]string{"my:p/l@0.2.3"}, []string{"my:p/l@0.3.0", "my:p/l@0.20.0"}},
		"*:*/types":        {[]string{"a:b/types", "wasi:http/types@0.2.0"}, []string{"types", "a:b/type"}},
		"*":                {[]string{"a", "[method]r.m", "a:b/c@1.0.0"}, nil},
		"log":              {[]string{"log"}, []string{"logs", "a:log/b", "a:b/log"}},
		"[method]r.*":      {[]string{"[method]r.m"}, []string{"[static]r.m"}},
		"a*b*b":            {[]string{"abb", "a-b-b-b"}, []string{"ab", "a-b"}},
		"a:b*c/d":          {[]string{"a:bxc/d", "a:bcc/d"}, []string{"a:b/c/d"}},
	} {
		p, err := ParsePattern(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
		check := func(name string, want bool) {
			n, err := Parse(name)
			if got := p.Matches(n, n.Version); err == nil && got != want {
				t.Errorf("%s matches %s: %v", pattern, name, got)
			}
		}
		for _, name := range names.yes {
			check(name, true)
		}
		for _, name := range names.no {
			check(name, false)
		}
	}
	// A name with a canonical version has its full version apart.
	p, err := ParsePattern("a:b@0.2.7")
	if n, _ := Parse("a:b/c@0.2"); err != nil || !p.Matches(n, "0.2.7") || p.Matches(n, "0.2.6") {
		t.Error("the full version of a canonical name does not count")
	}
}

func TestPatternErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"":          "cannot be empty",
		"@1.0.0":    "cannot be empty",
		"a:b c":     `" " has no place`,
		"a:b/c?":    `"?" has no place`,
		"pkg/iface": "an interface needs a namespace",
		"a:b@":      "neither a version nor a compatibility track",
		"a:b@1.x":   "neither a version nor a compatibility track",
	} {
		if _, err := ParsePattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", pattern, err, want)
		}
	}
}
