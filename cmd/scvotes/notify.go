package main

import (
	"log/slog"
	"net"
	"os"
)

// notify tells the service manager that started the program how it is, by
// systemd's protocol (sd_notify(3)): "READY=1" once requests are answered, so
// that what is ordered behind it waits, and "STOPPING=1". Where nobody started
// it so, there is nobody to tell.
func notify(log *slog.Logger, state string) {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"}) // @ begins an abstract name
	if err == nil {
		defer conn.Close()
		_, err = conn.Write([]byte(state))
	}
	if err != nil {
		log.Warn("the service manager could not be told", "state", state, "error", err)
	}
}
