// Command release builds the rules' programs for every platform of a release, with checksums, and the table of digests by
// which the rules fetch the programs. The same sources, Go version and C compiler produce the same bytes.
//
//	go run ./tools/release -version=0.1.0 -o=dist      programs and SHA256SUMS in dist, digests in rules/private/versions.bzl
//
// wasmrun contains C code, which zig, named by -zig, compiles for any Linux.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// platforms are GOOS_GOARCH, as in rules/private/tool_repositories.bzl, which also has the programs.
var platforms = []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64", "windows_amd64", "windows_arm64"}

// programs are the names of programs, which are those of their folders under tools.
var programs = []string{"componentize", "wasmfuse", wasmrun, "wazerun", "witpackage"}

// wasmrun is the program that is linked with wasmtime's C library, which there is for Linux.
const wasmrun = "wasmrun"

// glibc is the oldest version of the C library that wasmrun runs with.
const glibc = "2.28"

var validVersion = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$`)

func main() {
	version := flag.String("version", "", "`VERSION` of the release, without v")
	out := flag.String("o", "dist", "`FOLDER` to write to")
	table := flag.String("table", "rules/private/versions.bzl", "`FILE` of digests to add the version to")
	only := flag.String("only", strings.Join(platforms, ","), "`PLATFORMS` to build for")
	zig := flag.String("zig", "", "`PROGRAM` zig, to build wasmrun with; without it, the release has none")
	flag.Parse()
	if err := run(*version, *out, *table, strings.Split(*only, ","), *zig); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(version, out, table string, only []string, zig string) error {
	if !validVersion.MatchString(version) {
		return fmt.Errorf("-version=%q: a version like 1.2.3 is needed", version)
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	digests := map[string]string{} // by file name
	for _, platform := range only {
		if !slices.Contains(platforms, platform) {
			return fmt.Errorf("-only: %q is not among %s", platform, strings.Join(platforms, ", "))
		}
		for _, program := range programs {
			if program == wasmrun && (zig == "" || !strings.HasPrefix(platform, "linux")) {
				continue
			}
			name := programFile(program, platform)
			sum, err := build(program, version, platform, filepath.Join(out, name), zig)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			digests[name] = hex.EncodeToString(sum)
		}
	}
	var sums, rows strings.Builder
	for _, name := range slices.Sorted(maps.Keys(digests)) {
		fmt.Fprintf(&sums, "%s  %s\n", digests[name], name)
		fmt.Fprintf(&rows, "        %q: %q,\n", name, digests[name])
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
func programFile(program, platform string) string {
	name := program + "-" + strings.ReplaceAll(platform, "_", "-")
	if strings.HasPrefix(platform, "windows") {
		name += ".exe"
	}
	return name
}

// build builds a program and returns its SHA-256. The program does not depend on the machine: it contains no paths and no
// stamps of version control, and the C compiler, where there is one, is zig, which brings the headers and libraries that it
// uses. The flags are those of rules/private/source_repositories.bzl, so a build from source has the same bytes.
func build(program, version, platform, out, zig string) ([]byte, error) {
	goos, goarch, _ := strings.Cut(platform, "_")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid= -X main.version="+version, "-o", out, "./tools/"+program)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "GOFLAGS=-mod=readonly", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	if program == wasmrun {
		cpu := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[goarch]
		cmd.Env = append(cmd.Env, "CGO_ENABLED=1", "CGO_LDFLAGS=-lunwind", "CC="+zig+" cc -target "+cpu+"-linux-gnu."+glibc)
	} else {
		cmd.Env = append(cmd.Env, "CGO_ENABLED=0")
	}
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
	const begin = "RELEASES = {"
	before, after, ok := strings.Cut(table, begin)
	if !ok {
		return "", errors.New(`there is no line "RELEASES = {"`)
	}
	// In an empty table, the closing brace is on the same line.
	return before + begin + "\n" + entry + strings.TrimPrefix(after, "\n"), nil
}
