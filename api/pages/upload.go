package pages

import (
	"context"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// Upload is /editor/import: the form that sends a file, and what became of one.
type Upload struct {
	Editor
	Source, Edition string
	Report          *votes.ImportReport // nil before a file was sent
	Effects         []PreviewEffect     // of a dry run
	// The file that was tried, for the form that lands it; empty where there is
	// nothing to land.
	Name, SHA256, Content string
}

func (Upload) template() string { return "editorupload" }

// Unlisted is how many resolutions would change beyond those that are shown.
func (u Upload) Unlisted() int {
	if u.Report == nil || u.Report.WouldChange == nil {
		return 0
	}
	return u.Report.WouldChange.Total - len(u.Report.WouldChange.Data)
}

// ToCome puts into words what an import would make of the record.
func ToCome(w *votes.WouldChange) ([]PreviewEffect, error) {
	var made votes.Edited
	for _, c := range w.Data {
		made.Effects = append(made.Effects, votes.Effect{ID: c.ID, What: c.What, Changes: c.Changes})
	}
	p, err := PreviewOf(made, "")
	if err != nil {
		return nil, err
	}
	return p.Effects, nil
}

// ShowUpload renders the page of an upload.
func (s *Site) ShowUpload(ctx context.Context, c echo.Context, u Upload) ([]byte, error) {
	var err error
	if u.Frame, err = s.editorFrame(ctx, c, "Take a file in"); err != nil {
		return nil, err
	}
	return render(u)
}
