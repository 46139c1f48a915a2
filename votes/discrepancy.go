package votes

// Discrepancy is a place where an account was not taken as it stood: it was
// corrected, or differs from another account, or breaks a rule that is known
// to allow it.
type Discrepancy struct {
	Kind     string `json:"kind"`     // one of the kinds of Problem
	Severity string `json:"severity"` // serious (touches votes, tally, outcome or veto) or minor
	State    string `json:"state"`    // open, explained or corrected
	Message  string `json:"message"`
	Source   string `json:"source"`
	Line     int    `json:"line"`
}
