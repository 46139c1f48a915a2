package store_test

import (
	"fmt"
	"strings"

	"scvotes/votes"
)

// sheetVote is a vote of 2024 as the sheet of drafts gives it: on 15 rows, one
// member against and all others in favour.
type sheetVote struct{ id, date, meeting, draft, against string }

func sheet(list ...sheetVote) file {
	var b strings.Builder
	b.WriteString("ID,Date,Meeting,Resolution,Draft,Submitted by,Outcome results,Vote,Member State\n")
	council, _ := votes.CouncilOn("2024-11-20")
	for _, v := range list {
		for _, s := range council.Seats {
			position := "Yes"
			if s.Name == v.against {
				position = "No"
			}
			fmt.Fprintf(&b, "%s,%s,%s,,%s,E10,Not adopted - veto,%s,%s\n", v.id, v.date, v.meeting, v.draft, position, s.Name)
		}
	}
	return csvFile("sheet.csv", b.String())
}
