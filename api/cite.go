package api

import (
	"context"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/cite"
)

// bibtex answers GET /v1/resolutions/{id}/citation.bib.
func (s *server) bibtex(c echo.Context) error {
	return s.cited(c, bibtexSuffix, "application/x-bibtex; charset=utf-8", cite.BibTeX)
}

// ris answers GET /v1/resolutions/{id}/citation.ris.
func (s *server) ris(c echo.Context) error {
	return s.cited(c, risSuffix, "application/x-research-info-systems; charset=utf-8", cite.RIS)
}

// csl answers GET /v1/resolutions/{id}/citation.json.
func (s *server) csl(c echo.Context) error {
	return s.cited(c, cslSuffix, "application/vnd.citationstyles.csl+json", cite.CSL)
}

// cited answers one resolution as something to cite it by.
func (s *server) cited(c echo.Context, suffix, contentType string, write func(*votes.Resolution, cite.Access) ([]byte, error)) error {
	id, err := idInPath(c, readQuery(c), suffix)
	if err != nil {
		return err
	}
	return s.answerAs(c, contentType, func(ctx context.Context) ([]byte, error) {
		r, err := s.find(ctx, c, id, suffix)
		if err != nil {
			return nil, err
		}
		return write(r, cite.Access{URL: s.origin(c) + resolutionsPath + r.ID, Accessed: votes.DateOf(s.now()), Revision: r.Revision})
	})
}

// popolo answers GET /v1/resolutions/{id}/popolo.json.
func (s *server) popolo(c echo.Context) error {
	return s.oneResolution(c, readQuery(c), popoloSuffix, func(r *votes.Resolution) (any, error) {
		return cite.Popolo(r, s.origin(c)), nil
	})
}

// origin is where the server is: as it was told, or else as the client called
// it. Forwarding headers are anybody's word, and are not looked at.
func (s *server) origin(c echo.Context) string {
	beginning, host := s.originParts(c)
	return beginning + host
}

// originParts are what origin is put together of.
func (s *server) originParts(c echo.Context) (beginning, host string) {
	switch {
	case s.publicURL != "":
		return s.publicURL, ""
	case c.IsTLS():
		return "https://", c.Request().Host
	}
	return "http://", c.Request().Host
}
