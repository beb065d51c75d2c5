// Command release builds wasmfuse for every platform of a release, with checksums, and the table of digests by which
// the rules fetch the programs. The same sources and Go version produce the same bytes.
//
//	go run ./tools/release -version=0.1.0 -o=dist      programs and SHA256SUMS in dist, digests in rules/private/versions.bzl
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// platforms are GOOS_GOARCH, as in rules/private/prebuilt.bzl.
var platforms = []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64", "windows_amd64", "windows_arm64"}

var validVersion = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$`)

func main() {
	version := flag.String("version", "", "`VERSION` of the release, without v")
	out := flag.String("o", "dist", "`FOLDER` to write to")
	table := flag.String("table", "rules/private/versions.bzl", "`FILE` of digests to add the version to")
	only := flag.String("only", strings.Join(platforms, ","), "`PLATFORMS` to build for")
	flag.Parse()
	if err := run(*version, *out, *table, strings.Split(*only, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(version, out, table string, only []string) error {
	if !validVersion.MatchString(version) {
		return fmt.Errorf("-version=%q: a version like 1.2.3 is needed", version)
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	var sums, rows strings.Builder
	for _, platform := range only {
		if !slices.Contains(platforms, platform) {
			return fmt.Errorf("-only: %q is not among %s", platform, strings.Join(platforms, ", "))
		}
		name := programFile(platform)
		sum, err := build(version, platform, filepath.Join(out, name))
		if err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
		fmt.Fprintf(&sums, "%s  %s\n", hex.EncodeToString(sum), name)
		fmt.Fprintf(&rows, "        %q: \"sha256-%s\",\n", platform, base64.StdEncoding.EncodeToString(sum))
	}
	if err := os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(sums.String()), 0o666); err != nil {
		return err
	}
	old, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	text, err := addVersion(string(old), version, rows.String())
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	return os.WriteFile(table, []byte(text), 0o666)
}

// programFile returns the name of a platform's program in a release.
func programFile(platform string) string {
	name := "wasmfuse-" + strings.ReplaceAll(platform, "_", "-")
	if strings.HasPrefix(platform, "windows") {
		name += ".exe"
	}
	return name
}

// build builds a program and returns its SHA-256. The program does not depend on the machine: no paths, version control
// stamps or cgo.
func build(version, platform, out string) ([]byte, error) {
	goos, goarch, _ := strings.Cut(platform, "_")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid= -X main.version="+version, "-o", out, "./tools/wasmfuse")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(out)
	sum := sha256.Sum256(b)
	return sum[:], err
}

// addVersion inserts a version before all others in the table of digests.
func addVersion(table, version, rows string) (string, error) {
	entry := fmt.Sprintf("    %q: {\n%s    },\n", version, rows)
	if strings.Contains(table, fmt.Sprintf("    %q: {", version)) {
		return "", fmt.Errorf("version %s is there already", version)
	}
	const begin = "WASMFUSE = {"
	before, after, ok := strings.Cut(table, begin)
	if !ok {
		return "", errors.New(`there is no line "WASMFUSE = {"`)
	}
	// In an empty table, the closing brace is on the same line.
	return before + begin + "\n" + entry + strings.TrimPrefix(after, "\n"), nil
}
