// Command pocketbase is PocketBase with the record in it: a peer that the load
// run measures scvotes against. "load FILE" fills an empty data folder from the
// lines that "scvotes export --format ndjson" writes; "serve" is PocketBase's own.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/spf13/cobra"
)

func main() {
	app := pocketbase.NewWithConfig(pocketbase.Config{HideStartBanner: true})
	app.RootCmd.AddCommand(&cobra.Command{
		Use:  "load FILE",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return load(app, args[0]) },
	})
	if err := app.Start(); err != nil {
		log.Fatal(err)
	}
}

// resolution is what the peer keeps of a line: the facts, and who voted how.
type resolution struct {
	ID         string         `json:"id"`
	Draft      string         `json:"draft"`
	Resolution string         `json:"resolution"`
	Meeting    string         `json:"meeting"`
	Date       string         `json:"date"`
	Title      string         `json:"title"`
	AgendaItem string         `json:"agenda_item"`
	Outcome    string         `json:"outcome"`
	Reason     string         `json:"reason"`
	Tally      map[string]int `json:"tally"`
	Votes      []struct {
		Code      string `json:"code"`
		Name      string `json:"name"`
		Permanent bool   `json:"permanent"`
		Position  string `json:"position"`
		Veto      bool   `json:"veto"`
	} `json:"votes"`
}

var (
	texts   = []string{"draft", "resolution", "meeting", "date", "title", "agenda_item", "outcome", "reason"}
	numbers = []string{"yes", "no", "abstain", "not_voting", "members", "required"}
)

func load(app core.App, name string) error {
	settings := app.Settings()
	settings.Logs.MaxDays = 0 // keep no log of requests
	if err := app.Save(settings); err != nil {
		return err
	}
	resolutions, votes, err := collections(app)
	if err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	return app.RunInTransaction(func(tx core.App) error {
		for lines.Scan() {
			var r resolution
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				return err
			}
			if err := r.save(tx, resolutions, votes); err != nil {
				return fmt.Errorf("%s: %w", r.ID, err)
			}
		}
		return lines.Err()
	})
}

// collections makes the two tables, open to all readers. The votes have an
// index on what they belong to, as anyone who measured would give them.
func collections(app core.App) (resolutions, votes *core.Collection, err error) {
	everyone := types.Pointer("")
	resolutions = core.NewBaseCollection("resolutions")
	resolutions.ListRule, resolutions.ViewRule = everyone, everyone
	id := resolutions.Fields.GetByName("id").(*core.TextField)
	id.Min, id.Max, id.Pattern, id.AutogeneratePattern = 1, 100, `^[A-Za-z0-9_-]+$`, `[a-z0-9]{15}`
	for _, name := range texts {
		resolutions.Fields.Add(&core.TextField{Name: name})
	}
	for _, name := range numbers {
		resolutions.Fields.Add(&core.NumberField{Name: name})
	}
	if err := app.Save(resolutions); err != nil {
		return nil, nil, err
	}
	votes = core.NewBaseCollection("votes")
	votes.ListRule, votes.ViewRule = everyone, everyone
	votes.Fields.Add(
		&core.RelationField{Name: "resolution", CollectionId: resolutions.Id, MaxSelect: 1, Required: true, CascadeDelete: true},
		&core.TextField{Name: "code"}, &core.TextField{Name: "name"}, &core.TextField{Name: "position"},
		&core.BoolField{Name: "permanent"}, &core.BoolField{Name: "veto"},
	)
	votes.AddIndex("votes_by_resolution", false, "resolution", "")
	return resolutions, votes, app.Save(votes)
}

func (r resolution) save(tx core.App, resolutions, votes *core.Collection) error {
	record := core.NewRecord(resolutions)
	record.Load(map[string]any{"id": r.ID, "draft": r.Draft, "resolution": r.Resolution, "meeting": r.Meeting, "date": r.Date,
		"title": r.Title, "agenda_item": r.AgendaItem, "outcome": r.Outcome, "reason": r.Reason})
	for _, name := range numbers {
		record.Set(name, r.Tally[name])
	}
	if err := tx.SaveNoValidate(record); err != nil {
		return err
	}
	for _, v := range r.Votes {
		vote := core.NewRecord(votes)
		vote.Load(map[string]any{"resolution": r.ID, "code": v.Code, "name": v.Name, "position": v.Position, "permanent": v.Permanent, "veto": v.Veto})
		if err := tx.SaveNoValidate(vote); err != nil {
			return err
		}
	}
	return nil
}
