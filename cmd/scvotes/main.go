// Command scvotes keeps the voting record of the UN Security Council: it serves
// it over REST, loads it from CSV and writes it back. See scvotes --help.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "scvotes:", plain(err))
	}
	stop()
	os.Exit(exitCode(err))
}
