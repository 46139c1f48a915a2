package votes

import "time"

// Import is one file that was taken into the record.
type Import struct {
	ID          int64         `json:"id"`
	Source      ImportSource  `json:"source"`
	File        string        `json:"file"`
	SHA256      string        `json:"sha256"`
	At          time.Time     `json:"at"`
	Rows        int64         `json:"rows"` // landed and refused
	RowsLanded  int64         `json:"rows_landed"`
	RowsRefused int64         `json:"rows_refused"`
	Accounts    int64         `json:"accounts"` // that landed
	Problems    ProblemCounts `json:"problems"`
	Revision    int64         `json:"revision"` // that it made
}

// ImportSource is whose file it is.
type ImportSource struct {
	Name    string `json:"name"`
	Edition string `json:"edition"`
	Format  string `json:"format"`
}

// ProblemCounts counts what was wrong with a file, by how much it matters.
type ProblemCounts struct {
	Refused int `json:"refused"`
	Serious int `json:"serious"`
	Noted   int `json:"noted"`
}

// ImportProblem is one thing wrong with a file, with its place.
type ImportProblem struct {
	Line       int      `json:"line"`
	Column     string   `json:"column"`
	Kind       string   `json:"kind"`
	Severity   Severity `json:"severity"`
	Message    string   `json:"message"`
	Suggestion string   `json:"suggestion"` // a value that may have been meant; empty where none is near
}

// ImportPage is some of the imports, the newest first. Next is the id behind
// which the next page begins, 0 on the last one.
type ImportPage struct {
	Data     []Import
	Total    int
	Next     int64
	Revision int64
}

// ImportDetail is one import with some of what was wrong with its file, in the
// order of its lines. Next is the problem behind which the next page begins.
type ImportDetail struct {
	Import Import
	Found  []ImportProblem
	Next   int64
	Record int64 // the revision of the whole record it was read at
}
