package main

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// result is what was measured of one contestant, a sample a round.
type result struct {
	Name    string
	Samples []sample
	Failed  string // why it was given up; its samples count no more
}

func (r result) sound() bool { return r.Failed == "" && len(r.Samples) > 0 }

// spread is the median of some figures, between the least and the most.
type spread struct{ Median, Min, Max float64 }

func spreadOf(figures []float64) spread {
	if len(figures) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(figures))
	half := len(sorted) / 2
	median := sorted[half]
	if len(sorted)%2 == 0 {
		median = (sorted[half-1] + sorted[half]) / 2
	}
	return spread{median, sorted[0], sorted[len(sorted)-1]}
}

func (r result) over(figure func(sample) float64) spread {
	figures := make([]float64, len(r.Samples))
	for i, s := range r.Samples {
		figures[i] = figure(s)
	}
	return spreadOf(figures)
}

func (r result) perSecond() spread {
	return r.over(func(s sample) float64 { return s.PerSecond })
}

// p50 and p99 are in milliseconds; 0 where the program does not tell them.
func (r result) p50() spread { return r.over(func(s sample) float64 { return milliseconds(s.P50) }) }
func (r result) p99() spread { return r.over(func(s sample) float64 { return milliseconds(s.P99) }) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ratio is how many times as fast a is as b. Each round is compared with itself
// only, since the machine may not be the same in the next.
func ratio(a, b result) (spread, bool) {
	if !a.sound() || !b.sound() {
		return spread{}, false
	}
	ratios := make([]float64, min(len(a.Samples), len(b.Samples)))
	for i := range ratios {
		ratios[i] = a.Samples[i].PerSecond / b.Samples[i].PerSecond
	}
	return spreadOf(ratios), true
}

// fastestPeer is the one to be held against; false where none was measured.
func fastestPeer(results []result) (result, bool) {
	var all []result
	for _, r := range results {
		if strings.HasPrefix(r.Name, keyPeer) && r.sound() {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return result{}, false
	}
	return slices.MaxFunc(all, func(a, b result) int { return cmp.Compare(a.perSecond().Median, b.perSecond().Median) }), true
}
