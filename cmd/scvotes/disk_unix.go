//go:build unix

package main

import "syscall"

// diskSpace is how much of the disk under a folder is free for its user, and how
// large it is.
func diskSpace(folder string) (free, size uint64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(folder, &st); err != nil {
		return 0, 0, err
	}
	return uint64(st.Bavail) * uint64(st.Bsize), uint64(st.Blocks) * uint64(st.Bsize), nil
}
