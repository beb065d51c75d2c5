// This file implements versions and their compatibility.

package extname

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Version is a semantic version (Semantic Versioning 2.0.0).
type Version struct {
	Major, Minor, Patch uint64
	Pre                 string // dot-separated identifiers, or empty; build metadata has no precedence
}

// ParseVersion parses a semantic version.
func ParseVersion(s string) (Version, error) {
	var v Version
	if s == "" {
		return v, errors.New("empty string, expected a semver version")
	}
	core, build, hasBuild := strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(core, "-")
	parts := []struct {
		name string
		to   *uint64
	}{{"major", &v.Major}, {"minor", &v.Minor}, {"patch", &v.Patch}}
	rest := core
	for i, p := range parts {
		var num string
		var more bool
		num, rest, more = strings.Cut(rest, ".")
		n, err := number(num)
		if err != nil {
			return v, fmt.Errorf("%w in the %s version number", err, p.name)
		}
		*p.to = n
		if more != (i < 2) {
			if more {
				return v, errors.New("unexpected character '.' after the patch version number")
			}
			return v, fmt.Errorf("unexpected end of input after the %s version number: expected major.minor.patch", p.name)
		}
	}
	if hasPre {
		if err := identifiers(pre, true); err != nil {
			return v, fmt.Errorf("%w in the pre-release", err)
		}
		v.Pre = pre
	}
	if hasBuild {
		if err := identifiers(build, false); err != nil {
			return v, fmt.Errorf("%w in the build metadata", err)
		}
	}
	return v, nil
}

func number(s string) (uint64, error) {
	if s == "" {
		return 0, errors.New("unexpected end of input")
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("unexpected character %q", c)
		}
	}
	if len(s) > 1 && s[0] == '0' {
		return 0, errors.New("invalid leading zero")
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, errors.New("number too large")
	}
	return n, nil
}

func identifiers(s string, pre bool) error {
	for _, id := range strings.Split(s, ".") {
		if id == "" {
			return errors.New("empty identifier segment")
		}
		digits := true
		for i := 0; i < len(id); i++ {
			c := id[i]
			alpha := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-'
			if !alpha && (c < '0' || c > '9') {
				return fmt.Errorf("unexpected character %q", c)
			}
			digits = digits && !alpha
		}
		if pre && digits && len(id) > 1 && id[0] == '0' {
			return errors.New("invalid leading zero")
		}
	}
	return nil
}

// IsCanonicalVersion reports whether s matches canonversion: N, 0.N or 0.0.N with N positive and without leading zeros,
// or 0.0.0.
func IsCanonicalVersion(s string) bool {
	if s == "0.0.0" {
		return true
	}
	s = strings.TrimPrefix(s, "0.")
	s = strings.TrimPrefix(s, "0.")
	n, err := number(s)
	return err == nil && n > 0
}

// Split splits a semantic version into its canonical version and the remaining suffix (Explainer.md, "Canonical
// Interface Name"). The suffix of a canonical version is empty.
func Split(version string) (canonical, suffix string, err error) {
	if IsCanonicalVersion(version) {
		return version, "", nil
	}
	v, err := ParseVersion(version)
	if err != nil {
		return "", "", err
	}
	switch {
	case v.Major > 0:
		canonical = strconv.FormatUint(v.Major, 10)
	case v.Minor > 0:
		canonical = "0." + strconv.FormatUint(v.Minor, 10)
	default:
		canonical = "0.0." + strconv.FormatUint(v.Patch, 10)
	}
	return canonical, version[len(canonical):], nil
}

// Track returns the compatibility track of a version: two versions are compatible if and only if their tracks are
// equal. It is the canonical version ("1" for 1.2.3, "0.2" for 0.2.6, "0.0.7" for 0.0.7). A pre-release is only
// compatible with itself, and so is a string that is not a version.
func Track(version string) string {
	if v, err := ParseVersion(version); err == nil && v.Pre != "" {
		return version
	}
	canonical, _, err := Split(version)
	if err != nil {
		return version
	}
	return canonical
}

// Older reports whether version a precedes b on one compatibility track, where only the numbers can differ. A string
// that is not a version precedes all versions.
func Older(a, b string) bool {
	v, errA := ParseVersion(a)
	w, errB := ParseVersion(b)
	if errA != nil || errB != nil {
		return errA != nil && errB == nil
	}
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch)) < 0
}

// CheckVersionSuffix checks a versionsuffix attribute against the version of its interface name.
func CheckVersionSuffix(version, suffix string) error {
	if !IsCanonicalVersion(version) {
		return diag.Differ("a versionsuffix needs %s, found version `%s`", "an interface name with a canonical version", version)
	}
	if _, err := ParseVersion(version + suffix); err != nil {
		return fmt.Errorf("`%s` with versionsuffix `%s` is not a valid version: %w", version, suffix, err)
	}
	return nil
}
