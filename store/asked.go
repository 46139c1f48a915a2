package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// asked is a querier that tells why a query was given up. Postgres says only
// that it was told to stop, which is no answer to whoever set a deadline.
type asked struct{ querier }

func (a asked) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := a.querier.Query(ctx, sql, args...)
	return askedRows{rows, ctx}, givenUp(ctx, err)
}

func (a asked) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return askedRow{a.querier.QueryRow(ctx, sql, args...), ctx}
}

func (a asked) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return askedBatch{a.querier.SendBatch(ctx, b), ctx}
}

type askedRows struct {
	pgx.Rows
	ctx context.Context
}

func (r askedRows) Err() error { return givenUp(r.ctx, r.Rows.Err()) }

type askedRow struct {
	pgx.Row
	ctx context.Context
}

func (r askedRow) Scan(into ...any) error { return givenUp(r.ctx, r.Row.Scan(into...)) }

type askedBatch struct {
	pgx.BatchResults
	ctx context.Context
}

func (b askedBatch) Close() error { return givenUp(b.ctx, b.BatchResults.Close()) }

// givenUp adds to an error that the context had ended by then: of its deadline
// or because the caller went away.
func givenUp(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}
