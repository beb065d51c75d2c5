module example.com/monorepo

go 1.18

require (
	github.com/spf13/cobra v1.2.0
	github.com/tetratelabs/wazero v1.0.0
)
