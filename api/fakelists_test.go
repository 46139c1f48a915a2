package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"scvotes/votes"
)

func (f *fake) Each(ctx context.Context, filter votes.Filter, sort votes.Sort, yield func(*votes.Resolution) error) (int64, error) {
	if err := f.enter(ctx); err != nil {
		return 0, err
	}
	if f.many > 0 {
		return f.revision.Number, f.eachOfMany(yield)
	}
	for _, r := range f.chosen(filter, sort) {
		if err := yield(&r); err != nil {
			return 0, err
		}
	}
	return f.revision.Number, nil
}

// eachOfMany gives copies of one resolution, and breaks where it is told to.
func (f *fake) eachOfMany(yield func(*votes.Resolution) error) error {
	for f.given.Store(0); f.given.Load() < int64(f.many); f.given.Add(1) {
		if f.broken != nil && f.given.Load() == f.breaksAt {
			return f.broken
		}
		r := f.all[0]
		if err := yield(&r); err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) Events(ctx context.Context, filter votes.Filter, sponsors bool, yield func(votes.Event) error) (int64, error) {
	if err := f.enter(ctx); err != nil {
		return 0, err
	}
	for _, r := range f.chosen(filter, votes.SortOldest) {
		e := votes.EventOf(&r)
		if !sponsors {
			e.Sponsors = nil
		}
		if err := yield(e); err != nil {
			return 0, err
		}
	}
	return f.revision.Number, nil
}

func (f *fake) EachAccount(ctx context.Context, yield func(votes.FoundAccount) error) (int64, error) {
	if err := f.enter(ctx); err != nil {
		return 0, err
	}
	for _, r := range f.all {
		for _, a := range f.told[r.ID].Accounts {
			if err := yield(votes.FoundAccount{Resolution: r.ID, AccountView: a}); err != nil {
				return 0, err
			}
		}
	}
	return f.revision.Number, nil
}

func (f *fake) Discrepancies(ctx context.Context, filter votes.DiscrepancyFilter, limit int, after *votes.DiscrepancyMark) (votes.DiscrepancyPage, error) {
	var page votes.DiscrepancyPage
	revision, err := f.EachDiscrepancy(ctx, filter, func(d votes.FoundDiscrepancy) error {
		if page.Kinds == nil {
			page.Kinds, page.States = map[string]int{}, map[string]int{}
		}
		page.Total++
		page.Kinds[d.Kind]++
		page.States[d.State]++
		place := votes.DiscrepancyMark{Date: d.Date, ID: d.Resolution, Key: d.Key}
		switch {
		case after != nil && compareMarks(place, *after) <= 0:
		case len(page.Data) < limit:
			page.Data = append(page.Data, d)
		case page.Next == nil:
			last := page.Data[limit-1]
			page.Next = &votes.DiscrepancyMark{Date: last.Date, ID: last.Resolution, Key: last.Key}
		}
		return nil
	})
	page.Revision = revision
	return page, err
}

func (f *fake) EachDiscrepancy(ctx context.Context, filter votes.DiscrepancyFilter, yield func(votes.FoundDiscrepancy) error) (int64, error) {
	if err := f.enter(ctx); err != nil {
		return 0, err
	}
	for _, r := range f.all {
		for _, d := range r.Discrepancies {
			named := filter.Source == nil || slices.ContainsFunc(d.Sides, func(s votes.Side) bool { return one(filter.Source, s.Source) })
			if !named || !one(filter.Kind, d.Kind) || !one(filter.Severity, d.Severity) || !one(filter.State, d.State) {
				continue
			}
			if err := yield(votes.FoundDiscrepancy{Resolution: r.ID, Date: r.Date, Discrepancy: d}); err != nil {
				return 0, err
			}
		}
	}
	return f.revision.Number, nil
}

// compareMarks puts the newest vote first; its discrepancies stand by key.
func compareMarks(a, b votes.DiscrepancyMark) int {
	return cmp.Or(-cmp.Compare(a.Date, b.Date), -cmp.Compare(a.ID, b.ID), cmp.Compare(a.Key, b.Key))
}

// imported are three files, the newest first; the first that was read had faults.
func imported() []votes.ImportDetail {
	var list []votes.ImportDetail
	for id := int64(3); id > 0; id-- {
		list = append(list, votes.ImportDetail{Import: votes.Import{ID: id, File: fmt.Sprintf("list-%d.csv", id), SHA256: "00ff",
			Source: votes.ImportSource{Name: "A list", Edition: fmt.Sprint(id), Format: "draft-sheet"},
			At:     time.Date(2026, 11, 20, 10, 0, int(id), 0, time.UTC), Rows: 15, RowsLanded: 15, Accounts: 1, Revision: id}})
	}
	first := &list[2]
	first.Import.Problems = votes.ProblemCounts{Serious: 1, Noted: 1}
	first.Found = []votes.ImportProblem{
		{Line: 9, Column: "Outcome results", Kind: votes.KindOutcome, Severity: votes.Serious, Message: "stated as vetoed", Suggestion: "failed"},
		{Line: 10, Kind: votes.KindDateSwap, Severity: votes.Noted, Message: "day and month are swapped"},
	}
	return list
}

func (f *fake) Imports(ctx context.Context, limit int, before int64) (votes.ImportPage, error) {
	if err := f.enter(ctx); err != nil {
		return votes.ImportPage{}, err
	}
	page := votes.ImportPage{Total: len(f.imports), Revision: f.revision.Number}
	for _, d := range f.imports {
		switch {
		case before > 0 && d.Import.ID >= before:
		case len(page.Data) < limit:
			page.Data = append(page.Data, d.Import)
		case page.Next == 0:
			page.Next = page.Data[limit-1].ID
		}
	}
	return page, nil
}

// made is what editors decided of the fake record.
func made() []votes.MadeEdit {
	by := int64(3)
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	return []votes.MadeEdit{
		{Edit: votes.Edit{Number: 3, ID: "S-2024-835", Field: "undo", Value: "1", Reason: "it was another", Reference: "S/PV.9790"}, Revision: 3, At: at},
		{Edit: votes.Edit{Number: 2, ID: "S-2014-916", Field: "topic", Value: "Palestine", Reason: "its own word", Reference: "S/PV.7354"}, Revision: 2, At: at},
		{Edit: votes.Edit{Number: 1, ID: "S-2024-835", Field: "topic", Value: "Gaza", Reason: "its own word", Reference: "S/PV.9790"}, Revision: 1, At: at, UndoneBy: &by},
	}
}

func (f *fake) Edits(ctx context.Context, filter votes.EditFilter, limit int, before int64) (votes.EditPage, error) {
	if err := f.enter(ctx); err != nil {
		return votes.EditPage{}, err
	}
	page := votes.EditPage{Revision: f.revision.Number}
	for _, e := range made() {
		if filter.ID != "" && e.ID != filter.ID || filter.Revision != 0 && e.Revision != filter.Revision {
			continue
		}
		page.Total++
		switch {
		case before > 0 && e.Number >= before:
		case len(page.Data) < limit:
			page.Data = append(page.Data, e)
		case page.Next == 0:
			page.Next = page.Data[limit-1].Number
		}
	}
	return page, nil
}

func (f *fake) MadeEdit(ctx context.Context, number int64) (votes.MadeEdit, int64, error) {
	if err := f.enter(ctx); err != nil {
		return votes.MadeEdit{}, 0, err
	}
	for _, e := range made() {
		if e.Number == number {
			return e, f.revision.Number, nil
		}
	}
	return votes.MadeEdit{}, 0, fmt.Errorf("edit %d: %w", number, votes.ErrNotFound)
}

func (f *fake) Imported(ctx context.Context, id int64, limit int, after int64) (votes.ImportDetail, error) {
	if err := f.enter(ctx); err != nil {
		return votes.ImportDetail{}, err
	}
	for _, d := range f.imports {
		if d.Import.ID != id {
			continue
		}
		d.Record = f.revision.Number
		all := d.Found[min(int(after), len(d.Found)):]
		if d.Found = all[:min(limit, len(all))]; len(all) > limit {
			d.Next = after + int64(limit)
		}
		return d, nil
	}
	return votes.ImportDetail{}, fmt.Errorf("import %d: %w", id, votes.ErrNotFound)
}
