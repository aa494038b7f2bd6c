//go:build tools

// Package tools pins what is built with `go build PACKAGE`; it is never compiled itself.
package tools

import _ "go.etcd.io/etcd/server/v3"
