//go:build !unix

package main

import "errors"

// diskSpace is not known where no private Postgres is run.
func diskSpace(string) (free, size uint64, err error) {
	return 0, 0, errors.ErrUnsupported
}
