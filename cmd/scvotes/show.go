package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"scvotes/votes"
)

func newShow(db *database) *cobra.Command {
	return &cobra.Command{
		Use:     "show SYMBOL",
		Short:   "Print one resolution with its roll call",
		Long:    "Print one resolution with its roll call, by its symbol in any spelling or its id.",
		Example: "  scvotes show S/2024/835\n  scvotes show 'S/RES/2334 (2016)'",
		Args:    someArgs("a symbol, as S/2024/835"),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := votes.ParseID(strings.Join(args, " "))
			if err != nil {
				return usageError{err}
			}
			s, closeStore, err := db.open(c.Context())
			if err != nil {
				return err
			}
			defer closeStore()
			r, _, err := s.Resolution(c.Context(), id)
			if err != nil {
				return err
			}
			return show(c.OutOrStdout(), r)
		},
	}
}

// show writes a resolution for a terminal.
func show(w io.Writer, r *votes.Resolution) error {
	var b strings.Builder
	line := func(name string, value any) {
		if v := fmt.Sprint(value); v != "" {
			fmt.Fprintf(&b, "%-12s %s\n", name, v)
		}
	}
	title := string(r.Resolution)
	if title == "" {
		title = string(r.Draft)
	}
	if r.Part != "" {
		title += " (" + string(r.Part) + ")"
	}
	fmt.Fprintf(&b, "%s\n", strings.TrimSpace(title+"  "+string(r.Title)))
	line("date", r.Date)
	line("meeting", r.Meeting)
	if r.Resolution != "" {
		line("draft", r.Draft)
	}
	line("kind", strings.ReplaceAll(string(r.Kind), "_", " "))
	line("agenda item", r.AgendaItem)
	line("outcome", strings.ToUpper(string(r.Outcome))+" - "+r.Reason)
	if r.Tally != nil {
		line("tally", fmt.Sprintf("%d in favour, %d against, %d abstaining, %d not voting",
			r.Tally.Yes, r.Tally.No, r.Tally.Abstain, r.Tally.NotVoting))
	}
	line("roll call", strings.ReplaceAll(string(r.RollCall), "_", " "))
	line("sponsors", sponsorLine(r))
	line("note", r.Note)
	showVotes(&b, r.Detail)
	for _, d := range r.Discrepancies {
		// The key is how an edit names it.
		line("discrepancy", fmt.Sprintf("%s (%s; %s, %s)", d.Message, d.Key, d.Severity, d.State))
		line("", d.Explanation)
	}
	for _, s := range r.Detail.Sources {
		fmt.Fprintf(&b, "%-12s %s\n", "source", sourceLine(s))
	}
	line("text", cmp.Or(r.Links.Resolution, r.Links.Draft))
	_, err := io.WriteString(w, votes.Legible(b.String())) // a title may be anybody's words
	return err
}

// showVotes writes the roll call, and what was said about it.
func showVotes(b *strings.Builder, d *votes.Detail) {
	for _, v := range d.Votes {
		fmt.Fprintf(b, "  %-18s %s%s\n", strings.ReplaceAll(string(v.Position), "_", " ")+mark(v), v.Name, permanentMark(v))
	}
	if len(d.Votes) > 0 {
		b.WriteString("  (* permanent member)\n")
	}
	for _, s := range d.Statements {
		fmt.Fprintf(b, "\n%s, %s (%s):\n  %s\n  [%s]\n", s.Speaker, strings.ReplaceAll(s.Kind, "_", " "), s.Date, s.Text, s.Source)
	}
	if len(d.Statements) > 0 {
		b.WriteString("\n")
	}
}

func mark(v votes.MemberVote) string {
	if v.Veto {
		return " (VETO)"
	}
	return ""
}

func permanentMark(v votes.MemberVote) string {
	if v.Permanent {
		return " *"
	}
	return ""
}

func sponsorLine(r *votes.Resolution) string {
	names := make([]string, len(r.Sponsors))
	for i, s := range r.Sponsors {
		names[i] = s.Name
	}
	list := strings.Join(names, ", ")
	if r.SponsoredAs != "" && list != "" {
		return string(r.SponsoredAs) + ": " + list
	}
	return list
}

func sourceLine(s votes.Source) string {
	line := s.Name
	if s.Edition != "" {
		line += ", " + s.Edition
	}
	line += fmt.Sprintf(", line %d", s.Line)
	if s.Cites != "" {
		line += ": " + string(s.Cites)
	}
	return line
}
