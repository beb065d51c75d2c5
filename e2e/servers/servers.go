//go:build servers

// Package servers pins the programs that the tests of remote caching and execution are run against.
package servers

import _ "github.com/buchgr/bazel-remote/v2"
