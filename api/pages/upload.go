package pages

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// Upload is /editor/import: the form that sends a file, and what became of one.
type Upload struct {
	Editor
	Source, Edition string
	Report          *votes.ImportReport // nil before a file was sent
	Effects         []PreviewEffect     // of a dry run
	SameBut         int                 // resolutions that would only get another source
	Unlisted        int                 // that would change beyond the effects
	// The file that was tried, for the form that lands it; empty where there is
	// nothing to land.
	Name, SHA256, Content string
}

func (Upload) template() string { return "editorupload" }

// Try shows what an import would make of the record. Resolutions that only get
// another source come last in w, and are counted.
func (u *Upload) Try(w *votes.WouldChange) error {
	var made votes.Edited
	var about []string
	for _, c := range w.Data {
		if c.What == votes.Changed && len(c.Changes) == 0 {
			break
		}
		made.Effects = append(made.Effects, votes.Effect{ID: c.ID, What: c.What, Changes: c.Changes})
		about = append(about, aboutChange(c))
	}
	p, err := PreviewOf(made, "")
	if err != nil {
		return err
	}
	u.Effects = p.Effects
	for i := range u.Effects {
		u.Effects[i].About = about[i]
	}
	if len(u.Effects) < len(w.Data) {
		u.SameBut = w.Total - len(u.Effects)
	} else {
		u.Unlisted = w.Total - len(w.Data)
	}
	return nil
}

// aboutChange tells what a resolution would be; of one that would be gone there
// is nothing to tell.
func aboutChange(c votes.ChangeToCome) string {
	if c.Outcome == "" {
		return ""
	}
	about := longDate(c.Date) + ", " + strings.ToLower(outcomeWord(c.Outcome))
	if c.Title != "" {
		about += ": " + string(c.Title)
	}
	return about
}

// ShowUpload renders the page of an upload.
func (s *Site) ShowUpload(ctx context.Context, c echo.Context, u Upload) ([]byte, error) {
	var err error
	if u.Frame, err = s.editorFrame(ctx, c, "Take a file in"); err != nil {
		return nil, err
	}
	return render(u)
}
