package export_wit_world

import "example.com/repo/greet/imports/wasi_cli_environment"

func Greet() string { return wasi_cli_environment.GetEnvironment()[0].F1 }
