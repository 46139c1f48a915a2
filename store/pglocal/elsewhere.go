//go:build !unix

package pglocal

import "context"

// Server is a private Postgres, of which there is none here.
type Server struct{}

// Open returns [ErrNotHere].
func Open(context.Context, Config) (*Server, error) { return nil, ErrNotHere }

// DSN returns nothing.
func (*Server) DSN() string { return "" }

// Close does nothing.
func (*Server) Close() error { return nil }
