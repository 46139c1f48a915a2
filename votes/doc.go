// Package votes holds the rules of the Security Council's voting record:
// symbols, states and seats by date, positions, tallies, the Charter's test of
// what carries (Article 27), and how accounts of a vote become the record.
//
// It leans on the standard library alone, so that every rule can be read and
// tested without a database or a web server.
package votes
