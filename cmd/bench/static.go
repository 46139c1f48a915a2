package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"
)

// staticCommand is this program's other self, named as its first argument:
// static ADDRESS FILE.
const staticCommand = "static"

// kept is an answer of scvotes, as it is to be served from memory.
type kept struct {
	Path   string
	Header http.Header
	Body   []byte
}

// serveStatic is the fastest that Echo can be: no middleware, no work, the bytes
// and headers that scvotes answered with.
func serveStatic(ctx context.Context, args []string, _, _ io.Writer) error {
	if len(args) != 3 {
		return errors.New("static needs an address and a file")
	}
	b, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	var answers []kept
	if err := json.Unmarshal(b, &answers); err != nil {
		return err
	}
	e := echo.New()
	for _, a := range answers {
		e.GET(a.Path, a.serve)
	}
	server := &http.Server{Addr: args[1], Handler: e}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (k kept) serve(c echo.Context) error {
	h := c.Response().Header()
	for name, values := range k.Header {
		h[name] = values
	}
	c.Response().WriteHeader(http.StatusOK)
	_, err := c.Response().Write(k.Body)
	return err
}
