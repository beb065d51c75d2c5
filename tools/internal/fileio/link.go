// This file implements the resolution of links.

package fileio

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxLinks is the maximum number of symbolic links to follow, the same as Linux's.
const maxLinks = 40

// resolve follows symbolic links to the file to write, which need not exist. If they lead to an open stream of this
// process, fd is its descriptor, else -1.
func resolve(name string) (file string, fd int, err error) {
	for range maxLinks {
		if fd, ok := descriptor(name); ok {
			return name, fd, nil
		}
		if ofProcess(name) {
			return name, -1, nil
		}
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			return name, -1, nil
		}
		if err != nil {
			return name, -1, err
		}
		to, err := os.Readlink(name)
		if err != nil {
			return name, -1, err
		}
		if filepath.IsAbs(to) {
			name = to
			continue
		}
		// The link is relative to the folder that contains it, not to the path that led there.
		dir, err := filepath.EvalSymlinks(filepath.Dir(name))
		if err != nil {
			return name, -1, err
		}
		name = filepath.Join(dir, to)
	}
	return name, -1, errors.New("too many levels of symbolic links")
}

// descriptor returns the descriptor of this process that a name such as /dev/stdout or /dev/fd/3 refers to. On Linux
// these are links to /proc/self/fd, whose entries look like links to files but must not be followed as such.
func descriptor(name string) (int, bool) {
	switch name {
	case "/dev/stdout":
		return 1, true
	case "/dev/stderr":
		return 2, true
	}
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/", "/proc/" + strconv.Itoa(os.Getpid()) + "/fd/"} {
		if rest, ok := strings.CutPrefix(name, dir); ok {
			fd, err := strconv.Atoi(rest)
			return fd, err == nil && fd >= 0
		}
	}
	return -1, false
}

// ofProcess reports whether a name is an open file of another process, which must not be followed either.
func ofProcess(name string) bool {
	dir, ok := strings.CutPrefix(filepath.Dir(name), "/proc/")
	return ok && filepath.Base(dir) == "fd"
}
