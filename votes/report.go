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
	Problems []Problem `json:"problems"`
}
