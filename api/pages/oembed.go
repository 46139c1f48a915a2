package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// richEmbed is the answer to a site that wants to show a vote (oEmbed 1.0,
// https://oembed.com, section 2.3.4.4). Sizes are in pixels.
type richEmbed struct {
	Type            string `json:"type"`
	Version         string `json:"version"`
	Title           string `json:"title"`
	ProviderName    string `json:"provider_name"`
	ProviderURL     string `json:"provider_url"`
	CacheAge        int    `json:"cache_age"` // seconds
	HTML            string `json:"html"`
	Width           int    `json:"width"`
	Height          int    `json:"height"`
	ThumbnailURL    string `json:"thumbnail_url,omitempty"`
	ThumbnailWidth  int    `json:"thumbnail_width,omitempty"`
	ThumbnailHeight int    `json:"thumbnail_height,omitempty"`
}

// The size of the card that stands for a vote.
const cardWidth, cardHeight = 1200, 630

// oembed answers GET /oembed: how to show the vote at an address of this server.
func (s *Site) oembed(c echo.Context) error {
	q := c.QueryParams()
	// The specification wants this status for a format that a provider lacks.
	if format := q.Get("format"); format != "" && format != "json" {
		return c.String(http.StatusNotImplemented, "only format=json is answered\n")
	}
	maxWidth, faults := embedLimit(q, "maxwidth", nil)
	maxHeight, faults := embedLimit(q, "maxheight", faults)
	if q.Get("url") == "" {
		faults = append(faults, votes.Fault{Parameter: "url", Message: "is the address of a vote here, and is missing"})
	}
	if len(faults) > 0 {
		return faults
	}
	origin := s.Origin(c)
	id, ok := embeddable(q.Get("url"), origin)
	if !ok {
		return fmt.Errorf("%q is not the address of a vote here: %w", q.Get("url"), votes.ErrNotFound)
	}
	return s.Answer(c, echo.MIMEApplicationJSON, func(ctx context.Context) ([]byte, error) {
		r, _, err := s.read.Resolution(ctx, id)
		if err != nil {
			return nil, err
		}
		return json.Marshal(embedOf(*r, origin, maxWidth, maxHeight))
	})
}

func embedOf(r votes.Resolution, origin string, maxWidth, maxHeight int) richEmbed {
	title := voteTitle(r)
	e := richEmbed{Type: "rich", Version: "1.0", Title: title, ProviderName: "scvotes", ProviderURL: origin + "/", CacheAge: 3600,
		Width: min(embedWidth, maxWidth), Height: min(embedHeight, maxHeight)}
	e.HTML = frameCode(origin, r.ID, title, e.Width, e.Height)
	// A thumbnail, too, must respect the sizes that were asked for.
	if cardWidth <= maxWidth && cardHeight <= maxHeight {
		e.ThumbnailURL = origin + "/v1/resolutions/" + url.PathEscape(r.ID) + "/card.png"
		e.ThumbnailWidth, e.ThumbnailHeight = cardWidth, cardHeight
	}
	return e
}

// noLimit is more than any size.
const noLimit = 1 << 20

// embedLimit reads the most pixels that there is room for.
func embedLimit(q url.Values, name string, faults votes.Faults) (int, votes.Faults) {
	v := q.Get(name)
	if v == "" {
		return noLimit, faults
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return noLimit, append(faults, votes.Fault{Parameter: name, Value: v, Message: "is not a number of pixels"})
	}
	return min(n, noLimit), faults
}

// embeddable reads the id of a vote from the address of its page. Behind a
// proxy the scheme may be another, so only the host has to be this server's.
func embeddable(address, origin string) (id string, ok bool) {
	u, err := url.Parse(address)
	here, hereErr := url.Parse(origin)
	if err != nil || hereErr != nil || !strings.EqualFold(u.Host, here.Host) || (u.Scheme != "http" && u.Scheme != "https") {
		return "", false
	}
	for _, path := range []string{votesPath, embedPath} {
		if rest, found := strings.CutPrefix(u.Path, path); found {
			id, err := votes.ParseID(strings.TrimSuffix(rest, "/"))
			return id, err == nil
		}
	}
	return "", false
}
