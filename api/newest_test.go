package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// However many rows come, a page of them is what one would cut out of all.
func TestNewest(t *testing.T) {
	type row struct {
		date votes.Date
		id   string
	}
	place := func(r row) (votes.Date, string) { return r.date, r.id }
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/v1/members/FRA/votes", nil), httptest.NewRecorder())
	for _, count := range []int{0, 1, 2, 3, 4, 5, 8, 9, 40} {
		var all []row
		for i := range count {
			all = append(all, row{votes.Date(fmt.Sprintf("2024-01-%02d", 1+i/3)), fmt.Sprintf("S-%d", i%3)}) // three on a day
		}
		for limit := 1; limit <= count+1; limit++ {
			var got []row
			var after *cursor
			for pages := 0; pages <= count; pages++ {
				n := newest[row]{place: place, limit: limit, after: after}
				for _, r := range all {
					n.add(r)
				}
				l, err := n.page(c, readQuery(c), memberVoteList, 7)
				if err != nil || l.Total != count || l.Revision != 7 || len(l.Data) > limit || l.Next != nil && len(l.Data) != limit {
					t.Fatalf("%d rows by %d: %+v, %v", count, limit, l, err)
				}
				got = append(got, l.Data...)
				if l.Next == nil {
					break
				}
				last := got[len(got)-1]
				after = &cursor{List: memberVoteList, Date: last.date, ID: last.id}
			}
			slices.Reverse(got)
			if !slices.Equal(got, all) {
				t.Fatalf("%d rows by %d: %v", count, limit, got)
			}
		}
	}
}
