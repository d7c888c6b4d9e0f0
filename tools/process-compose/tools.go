//go:build tools

// Package tools pins process-compose: the blank import keeps it in go.mod and go.sum,
// so `go build -mod=readonly` gives the same program everywhere.
package tools

import _ "github.com/f1bonacc1/process-compose"
