package cite

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

// What the schemas of Popolo say, as far as a vote event has it, written here
// from https://github.com/popolo-project/popolo-spec/tree/master/schemas
// (vote_event, motion, vote, count, organization, event and link). A type with
// "!" is required; any other can be null or absent. Classes are by name.
var popoloSchema = map[string]map[string]string{
	"vote_event": {"id": "string", "identifier": "string", "organization_id": "string", "organization": "organization", "legislative_session_id": "string",
		"legislative_session": "event", "motion_id": "string", "motion": "motion", "classification": "string", "start_date": "date-time", "end_date": "date-time",
		"result": "string", "counts": "[]count", "votes": "[]vote", "sources": "[]link"},
	"motion": {"id": "string", "organization_id": "string", "legislative_session_id": "string", "creator_id": "string", "text": "string",
		"classification": "string", "date": "date-time", "requirement": "string", "result": "string"},
	"vote":         {"vote_event_id": "string", "voter_id": "string", "voter": "organization", "option": "string", "party_id": "string", "role": "string", "weight": "integer"},
	"count":        {"option": "string!", "value": "integer!", "group_id": "string"},
	"organization": {"id": "string", "name": "string", "classification": "string"},
	"event":        {"id": "string", "name": "string", "start_date": "date", "end_date": "date", "classification": "string"},
	"link":         {"url": "uri!", "note": "string"},
}

// The words of the specification for an option and a result, and our own.
var (
	popoloOptions = []string{"yes", "no", "abstain", "absent", "not voting"}
	popoloResults = []string{"pass", "fail", "withdrawn"}
)

func popoloFaults(t *testing.T, e VoteEvent) []string {
	t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	faults := schemaFaults("vote_event", v, "vote_event")
	if !slices.Contains(popoloResults, e.Result) || e.Motion.Result != e.Result {
		faults = append(faults, "result "+e.Result)
	}
	byOption := map[string]int{}
	for _, x := range e.Votes {
		byOption[x.Option]++
		if !slices.Contains(popoloOptions, x.Option) {
			faults = append(faults, "option "+x.Option)
		}
	}
	// "The vote totals should agree with the individual votes."
	complete := len(e.Votes) == 11 || len(e.Votes) == 15
	for _, c := range e.Counts {
		if !slices.Contains(popoloOptions, c.Option) || complete && c.Value != byOption[c.Option] {
			faults = append(faults, fmt.Sprintf("%d of %s, the votes have %d", c.Value, c.Option, byOption[c.Option]))
		}
	}
	return faults
}

// schemaFaults holds a value against a class.
func schemaFaults(class string, v any, place string) (faults []string) {
	o, ok := v.(map[string]any)
	if !ok {
		return []string{place + " is no object"}
	}
	for name, value := range o {
		kind, known := popoloSchema[class][name]
		if !known {
			faults = append(faults, place+" has a "+name)
			continue
		}
		faults = append(faults, valueFaults(kind, value, place+"."+name)...)
	}
	for name, kind := range popoloSchema[class] {
		if _, there := o[name]; !there && kind[len(kind)-1] == '!' {
			faults = append(faults, place+" has no "+name)
		}
	}
	return faults
}

var popoloDay = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}){0,2}$`)

func valueFaults(kind string, v any, place string) (faults []string) {
	if len(kind) > 2 && kind[:2] == "[]" {
		items, ok := v.([]any)
		if !ok {
			return []string{place + " is no array"}
		}
		for i, item := range items {
			faults = append(faults, schemaFaults(kind[2:], item, fmt.Sprintf("%s[%d]", place, i))...)
		}
		return faults
	}
	if _, class := popoloSchema[kind]; class {
		return schemaFaults(kind, v, place)
	}
	s, isText := v.(string)
	ok := isText
	switch kind {
	case "integer", "integer!":
		n, isNumber := v.(float64)
		ok = isNumber && n == float64(int(n)) && n >= 0
	case "date-time":
		_, err := time.Parse(time.RFC3339, s)
		ok = err == nil
	case "date":
		ok = popoloDay.MatchString(s)
	case "uri!":
		u, err := url.Parse(s)
		ok = err == nil && u.IsAbs()
	}
	if !ok {
		return []string{fmt.Sprintf("%s: %v is no %s", place, v, kind)}
	}
	return nil
}

// The check above can fail.
func TestPopoloFaultsAreFound(t *testing.T) {
	for want, spoil := range map[string]func(*VoteEvent){
		"vote_event.start_date: 2024-11-20 is no date-time":           func(e *VoteEvent) { e.StartDate = "2024-11-20" },
		"vote_event.sources[0].url: not an address is no uri!":        func(e *VoteEvent) { e.Sources[0].URL = "not an address" },
		"vote_event.legislative_session.start_date: <nil> is no date": func(e *VoteEvent) { e.Session = &PopoloMeeting{} },
		"option not_participating":                                    func(e *VoteEvent) { e.Votes[0].Option = "not_participating" },
		"13 of yes, the votes have 14":                                func(e *VoteEvent) { e.Counts[0].Value = 13 },
		"result vetoed":                                               func(e *VoteEvent) { e.Result = "vetoed" },
		"vote_event.counts[0].value: -1 is no integer!":               func(e *VoteEvent) { e.Counts[0].Value = -1 },
	} {
		e := Popolo(find(t, "S-2024-835"), "https://votes.example.org")
		spoil(&e)
		if faults := popoloFaults(t, e); !slices.Contains(faults, want) {
			t.Errorf("%s: found only %q", want, faults)
		}
	}
}

func TestPopoloCounts(t *testing.T) {
	roll := []votes.MemberVote{{Code: "CHN", Position: votes.Absent}, {Code: "FRA", Position: votes.NotParticipating}, {Code: "USA", Position: votes.Yes}}
	tally := &votes.Tally{Yes: 1, NotVoting: 2}
	for name, tt := range map[string]struct {
		r    votes.Resolution
		want []PopoloCount
	}{
		"no tally": {votes.Resolution{}, []PopoloCount{}},
		"a tally": {votes.Resolution{Tally: tally, RollCall: votes.RollTallyOnly, Detail: &votes.Detail{}},
			[]PopoloCount{{"yes", 1}, {"no", 0}, {"abstain", 0}, {"not voting", 2}}},
		"a line of a list": {votes.Resolution{Tally: tally, RollCall: votes.RollComplete},
			[]PopoloCount{{"yes", 1}, {"no", 0}, {"abstain", 0}, {"not voting", 2}}},
		"a roll": {votes.Resolution{Tally: tally, RollCall: votes.RollComplete, Detail: &votes.Detail{Votes: roll}},
			[]PopoloCount{{"yes", 1}, {"no", 0}, {"abstain", 0}, {"not voting", 1}, {"absent", 1}}},
	} {
		if diff := cmp.Diff(tt.want, Popolo(&tt.r, "").Counts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEveryPositionIsAnOption(t *testing.T) {
	for _, p := range votes.Positions {
		if !slices.Contains(popoloOptions, options[p]) {
			t.Errorf("%s is %q", p, options[p])
		}
	}
}
