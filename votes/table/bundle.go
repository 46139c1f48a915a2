package table

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"scvotes/votes"
)

// Bundle is the whole record, to be written as one download. What Each gives is
// asked for more than once, and has to be of one revision every time: resolutions
// four times over.
type Bundle struct {
	About

	// EachResolution gives every resolution with its Detail, in the order in
	// which the files are to have them. A nil list is null in resolutions.ndjson.
	EachResolution func(yield func(*votes.Resolution) error) error
	// EachAccount gives every account. The sources of About are taken from them.
	EachAccount func(yield func(votes.FoundAccount) error) error
	// Members are the states, each by itself: SUN beside RUS, so that every
	// code in votes.csv has its row.
	Members []votes.Member
}

// Tables are those of the download, in its order.
func Tables() []Schema {
	return []Schema{Resolutions.Schema(), Votes.Schema(), Members.Schema(), Accounts.Schema(), Discrepancies.Schema()}
}

// WriteBundle writes the record as a zip file: its tables as CSV, the
// resolutions as NDJSON too, what describes and cites them, and revision.json,
// which has the checksum of every other file. One row is held at a time. The
// same record gives the same bytes.
//
// It returns an error, and the zip file is broken, where the record turns out
// to have changed while it was written.
func WriteBundle(w io.Writer, b Bundle) error {
	z := &bundleWriter{Bundle: b, zip: zip.NewWriter(w)}
	for _, write := range []func() error{z.resolutions, z.votes, z.members, z.accounts, z.discrepancies, z.ndjson, z.descriptions} {
		if err := write(); err != nil {
			return err
		}
	}
	return z.zip.Close()
}

type bundleWriter struct {
	Bundle
	zip   *zip.Writer
	files []bundleFile
	count *int // of resolutions; nil until they were gone through
}

// bundleFile is one file as revision.json lists it.
type bundleFile struct {
	Name   string `json:"name"`
	Rows   *int   `json:"rows,omitempty"` // without the header; of tables only
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func (z *bundleWriter) resolutions() error {
	return writeTable(z, Resolutions, func(yield func(votes.Resolution) error) error {
		return z.each(func(r *votes.Resolution) error { return yield(*r) })
	})
}

func (z *bundleWriter) votes() error {
	return writeTable(z, Votes, func(yield func(MemberVote) error) error {
		return z.each(func(r *votes.Resolution) error { return all(VotesOf(r), yield) })
	})
}

func (z *bundleWriter) members() error {
	return writeTable(z, Members, func(yield func(votes.Member) error) error { return all(z.Members, yield) })
}

func (z *bundleWriter) accounts() error {
	seen := make(map[votes.Source]bool)
	err := writeTable(z, Accounts, func(yield func(votes.FoundAccount) error) error {
		return z.EachAccount(func(a votes.FoundAccount) error {
			seen[votes.Source{Name: a.Source.Name, Edition: a.Source.Edition}] = true
			return yield(a)
		})
	})
	z.Sources = make([]votes.Source, 0, len(seen))
	for s := range seen {
		z.Sources = append(z.Sources, s)
	}
	slices.SortFunc(z.Sources, func(a, b votes.Source) int { return strings.Compare(a.Name+"\x00"+a.Edition, b.Name+"\x00"+b.Edition) })
	return err
}

func (z *bundleWriter) discrepancies() error {
	return writeTable(z, Discrepancies, func(yield func(votes.FoundDiscrepancy) error) error {
		return z.each(func(r *votes.Resolution) error { return all(DiscrepanciesOf(r), yield) })
	})
}

func (z *bundleWriter) ndjson() error {
	return z.file("resolutions.ndjson", func(w io.Writer) (*int, error) {
		e, rows := json.NewEncoder(w), 0
		e.SetEscapeHTML(false)
		err := z.each(func(r *votes.Resolution) error { rows++; return e.Encode(r) })
		return &rows, err
	})
}

// descriptions are written last: they tell what the tables turned out to hold.
func (z *bundleWriter) descriptions() error {
	metadata, err := Metadata(z.About, Tables()...)
	if err != nil {
		return err
	}
	for _, f := range []struct{ name, content string }{
		{"csv-metadata.json", string(metadata)},
		{"codebook.md", Codebook(z.About, Tables()...)},
		{"TERMS.md", z.terms()},
		{"CITATION.cff", z.citation()},
	} {
		if err := z.text(f.name, f.content); err != nil {
			return err
		}
	}
	list, err := json.MarshalIndent(struct {
		Revision  int64        `json:"revision"`
		Committed time.Time    `json:"committed"`
		Program   string       `json:"program,omitempty"`
		Address   string       `json:"address,omitempty"`
		Files     []bundleFile `json:"files"`
	}{z.Revision.Number, z.Revision.Committed.UTC(), z.Version, z.Address, z.files}, "", "  ")
	if err != nil {
		return err
	}
	return z.text("revision.json", string(list)+"\n")
}

// each goes through the resolutions. That a later revision touched one, or that
// there are more or fewer than before, tells that they are not of one moment.
func (z *bundleWriter) each(yield func(*votes.Resolution) error) error {
	n := 0
	err := z.EachResolution(func(r *votes.Resolution) error {
		if n++; r.Revision > z.Revision.Number {
			return fmt.Errorf("the record changed while it was written: %s is of revision %d, the download of %d", r.ID, r.Revision, z.Revision.Number)
		}
		return yield(r)
	})
	if err == nil && z.count != nil && n != *z.count {
		return fmt.Errorf("the record changed while it was written: %d resolutions, then %d", *z.count, n)
	}
	z.count = &n
	return err
}

func writeTable[T any](z *bundleWriter, t Table[T], each func(yield func(T) error) error) error {
	return z.file(t.Name+".csv", func(w io.Writer) (*int, error) {
		out, rows := NewCSV(w, t), 0
		if err := each(func(row T) error { rows++; return out.Write(row) }); err != nil {
			return nil, err
		}
		return &rows, out.Flush()
	})
}

func all[T any](rows []T, yield func(T) error) error {
	for _, row := range rows {
		if err := yield(row); err != nil {
			return err
		}
	}
	return nil
}

func (z *bundleWriter) text(name, content string) error {
	return z.file(name, func(w io.Writer) (*int, error) { _, err := io.WriteString(w, content); return nil, err })
}

// file writes one file, dated with the revision.
func (z *bundleWriter) file(name string, write func(io.Writer) (rows *int, err error)) error {
	f, err := z.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: z.Revision.Committed.UTC()})
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	m := &measured{w: f, sum: sha256.New()}
	rows, err := write(m)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	z.files = append(z.files, bundleFile{name, rows, m.bytes, hex.EncodeToString(m.sum.Sum(nil))})
	return nil
}

// measured counts and sums what goes through it.
type measured struct {
	w     io.Writer
	bytes int64
	sum   hash.Hash
}

func (m *measured) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.bytes += int64(n)
	m.sum.Write(b[:n])
	return n, err
}
