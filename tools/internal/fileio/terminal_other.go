//go:build !linux && !darwin

package fileio

import "os"

// isTerminal reports false where the standard library has no means to ask.
func isTerminal(*os.File) bool { return false }
