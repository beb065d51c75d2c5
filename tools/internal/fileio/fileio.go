// Package fileio reads inputs and writes outputs as users expect of a command-line tool: "-" is a standard stream,
// links are followed, devices and pipes are written to directly, and a regular file changes as a whole or not at all.
package fileio

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Std is the file name for standard input or standard output.
const Std = "-"

// Error is an error of reading or writing a file.
type Error struct {
	Op   string // read or write
	File string // its name, or "standard input"
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("cannot %s %s: %v", e.Op, e.File, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// errFolder is the error for reading or writing a folder.
var errFolder = errors.New("it is a folder, not a file")

// Read returns the content of a file, or of stdin if the name is [Std]. A stream can be read once.
//
// The file is not mapped into memory: the process would end with a signal if somebody truncated it meanwhile, as writing in
// place does. Fusing takes the same memory with either, and within 10 % the same time, which is less than the noise.
func Read(name string, stdin io.Reader) ([]byte, error) {
	if name == Std {
		b, err := io.ReadAll(stdin)
		if err != nil {
			return nil, &Error{"read", "standard input", bare(err)}
		}
		return b, nil
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, &Error{"read", name, errFolder}
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, &Error{"read", name, bare(err)}
	}
	return b, nil
}

// Write writes a file as a whole, or to stdout if the name is [Std].
//
//   - Symbolic links are followed: the link stays, and its target is written.
//   - A regular file is replaced by renaming a complete new file, so that it is unchanged after an error or an
//     interrupt. It keeps its permissions; a new one has 0666 less the umask. If no file can be created beside it
//     (the folder is read-only, or the file is a mount point), it is written in place.
//   - Anything else, such as /dev/stdout or a named pipe, is opened and written.
func Write(name string, b []byte, stdout io.Writer) error {
	return WriteFrom(name, whole(b), stdout)
}

// whole is content in one slice.
type whole []byte

// WriteTo implements io.WriterTo.
func (c whole) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(c)
	return int64(n), err
}

// WriteFrom is like [Write], for content that is not in one slice. Its WriteTo may be called again after an error.
func WriteFrom(name string, b io.WriterTo, stdout io.Writer) error {
	if name == Std {
		s, ok := stdout.(*Stream)
		if !ok {
			s = &Stream{W: stdout}
		}
		_, err := b.WriteTo(s)
		return err
	}
	if err := write(name, b); err != nil {
		return &Error{"write", name, bare(err)}
	}
	return nil
}

func write(name string, b io.WriterTo) error {
	file, fd, err := resolve(name)
	if err != nil {
		return err
	}
	if fd >= 0 {
		return toDescriptor(fd, b)
	}
	if ofProcess(file) {
		return inPlace(file, os.O_TRUNC, b)
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return replace(file, nil, b)
	case err != nil:
		return err
	case info.IsDir():
		return errFolder
	case !info.Mode().IsRegular():
		return inPlace(file, 0, b)
	}
	// Without permission to write the file, it must not be replaced either.
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	f.Close()
	return replace(file, info, b)
}

// replace puts a new file in the place of a regular one, or creates it if old is nil.
func replace(file string, old fs.FileInfo, b io.WriterTo) error {
	name := filepath.Join(filepath.Dir(file), tempName())
	guard := removeOnSignal(name)
	defer guard.end()
	tmp, err := guard.create()
	if err != nil {
		if old != nil && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
			return inPlace(file, os.O_TRUNC, b)
		}
		return err
	}
	_, err = b.WriteTo(tmp)
	if err == nil && old != nil {
		err = tmp.Chmod(old.Mode().Perm())
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(name)
		return err
	}
	if err = guard.rename(file); err != nil {
		os.Remove(name)
		if old != nil {
			return inPlace(file, os.O_TRUNC, b)
		}
	}
	return err
}

// inPlace overwrites an existing file.
func inPlace(file string, flag int, b io.WriterTo) error {
	f, err := os.OpenFile(file, os.O_WRONLY|flag, 0)
	if err != nil {
		return err
	}
	_, err = b.WriteTo(f)
	return errors.Join(err, f.Close())
}

// toDescriptor writes to an open stream of this process, at its current offset, without truncating it.
func toDescriptor(fd int, b io.WriterTo) error {
	var f *os.File
	switch fd {
	case 1:
		f = os.Stdout
	case 2:
		f = os.Stderr
	default:
		if f = os.NewFile(uintptr(fd), "output"); f == nil {
			return fs.ErrInvalid
		}
	}
	_, err := b.WriteTo(f)
	if fd > 2 {
		return errors.Join(err, f.Close())
	}
	return err
}

// bare removes the operation and the path from an error of package os, because the message already has them.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
