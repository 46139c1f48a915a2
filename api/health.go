package api

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

type health struct {
	Status   string `json:"status"`
	Version  string `json:"version"`
	Revision *int64 `json:"revision,omitempty"` // of the record, in readyz
}

// healthz tells that the process is up, whatever the database does: a restart
// would not mend the database.
func (s *server) healthz(c echo.Context) error {
	return sendHealth(c, health{Status: "ok", Version: s.version})
}

// readyz tells whether requests can be answered now.
func (s *server) readyz(c echo.Context) error {
	ctx := c.Request().Context()
	if err := s.reader.Ping(ctx); err != nil {
		return fmt.Errorf("%w: %w", errNotReady, err)
	}
	rev, err := s.reader.Revision(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotReady, err)
	}
	return sendHealth(c, health{Status: "ready", Version: s.version, Revision: &rev.Number})
}

// sendHealth is never cached: it is about this moment.
func sendHealth(c echo.Context, h health) error {
	body, err := encode(h)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, body)
}
