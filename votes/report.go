package votes

// ImportReport tells what became of one file. Rows = RowsLanded + RowsRefused.
type ImportReport struct {
	File    string `json:"file"`
	Format  string `json:"format"`
	Source  string `json:"source"`
	Edition string `json:"edition"`
	SHA256  string `json:"sha256"`
	DryRun  bool   `json:"dry_run"`
	Landed  bool   `json:"landed"` // false for a dry run, a file refused whole, a file that changes nothing

	Rows        int `json:"rows"`         // rows of the file, without the header
	RowsLanded  int `json:"rows_landed"`  // of sound accounts
	RowsRefused int `json:"rows_refused"` // of refused accounts, and rows that belong to none

	Accounts          int `json:"accounts"`           // votes the file speaks of, sound ones
	AccountsRefused   int `json:"accounts_refused"`   // could not be read, or speak of no vote that can be told
	AccountsDisputed  int `json:"accounts_disputed"`  // landed, but contradict themselves, the Charter or the membership
	AccountsMatched   int `json:"accounts_matched"`   // found another source's account of the same vote
	AccountsUnmatched int `json:"accounts_unmatched"` // the only account of their vote
	AccountsUnchanged int `json:"accounts_unchanged"` // known already, word for word

	ResolutionsNew       int `json:"resolutions_new"`
	ResolutionsChanged   int `json:"resolutions_changed"`
	ResolutionsUnchanged int `json:"resolutions_unchanged"`
	Votes                int `json:"votes"`    // positions written with them
	Sponsors             int `json:"sponsors"` // sponsors written with them

	Discrepancies map[string]int `json:"discrepancies"` // of the resolutions the file speaks of, by kind

	Revision int64     `json:"revision"` // of the record after the import; 0 if it wrote nothing
	Import   int64     `json:"import"`   // its number; 0 if it wrote nothing
	Problems []Problem `json:"problems"`

	WouldChange *WouldChange `json:"would_change,omitempty"` // of a dry run that would write something
}

// WouldChange is what an import would make of the record: how many resolutions
// it would write otherwise, and the first MaxWouldChange of them by id.
type WouldChange struct {
	Total int            `json:"total"`
	Data  []ChangeToCome `json:"data"`
}

// MaxWouldChange is how many resolutions a dry run lists.
const MaxWouldChange = 200

// ChangeToCome is a resolution as an import would leave it. Of one that would be
// new there are no fields to list.
type ChangeToCome struct {
	ID      string   `json:"id"`
	Title   Text     `json:"title"`
	Date    Date     `json:"date"` // empty, as the outcome, where it would be deleted
	Outcome Outcome  `json:"outcome"`
	What    string   `json:"what"` // Created, Changed or Deleted
	Changes []Change `json:"changes"`
}
