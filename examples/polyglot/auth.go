// Package export_demo_shop_auth is demo:shop/auth in Go.
package export_demo_shop_auth

import (
	"strings"

	witTypes "go.bytecodealliance.org/pkg/wit/types"
)

// User returns the user whom a token stands for.
func User(token string) witTypes.Option[string] {
	if name, ok := strings.CutPrefix(token, "token-"); ok && name != "" {
		return witTypes.Some(name)
	}
	return witTypes.None[string]()
}
