//go:build tools

// Package tools pins what is built with `go build PACKAGE`; it is never compiled itself.
package tools

import _ "sigs.k8s.io/kwok/cmd/kwok"
