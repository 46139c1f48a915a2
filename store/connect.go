package store

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connectTimeout is how long one address may take to let a connection in, where
// the DSN (connect_timeout) does not say: a machine that is gone answers nothing.
const connectTimeout = 3 * time.Second

// poolConfig is what a database named by dsn is spoken to with. Nothing is set
// for the length of a session but application_name, which poolers take.
func poolConfig(dsn string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err // pgx prints the DSN with its password masked
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "scvotes"
	// Whoever gives a request up has Postgres give up its query too, and keeps
	// the connection; a server that does not even hear that loses it.
	cfg.ConnConfig.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: time.Second}
	}
	bounded(cfg.ConnConfig)
	if cfg.MaxConns < 8 {
		cfg.MaxConns = 8
	}
	if cfg.PingTimeout == 0 {
		cfg.PingTimeout = time.Second
	}
	return cfg, nil
}

// bounded keeps a machine that went away without a word from holding whoever
// connects to it, or waits for it, for longer than some seconds.
func bounded(cfg *pgx.ConnConfig) {
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	dialer := &net.Dialer{Timeout: cfg.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}}
	cfg.DialFunc = dialer.DialContext
}

// ownConfig is for a connection beside the pool: no tracer sees it, and ending
// its context ends it.
func ownConfig(pool *pgxpool.Pool) *pgx.ConnConfig {
	cfg := pool.Config().ConnConfig
	cfg.Tracer = nil
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: c.Conn()}
	}
	return cfg
}

// readsFromPrimary has target_session_attrs=read-write lead whoever only reads
// to the primary too: a role whose transactions are all read-only finds no server
// that it could write to.
func readsFromPrimary(cfg *pgxpool.Config) {
	validate := cfg.ConnConfig.ValidateConnect
	if validate == nil {
		return
	}
	cfg.ConnConfig.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		err := validate(ctx, conn)
		if errors.Is(err, pgconn.ErrReadOnlyConnection) {
			return pgconn.ValidateConnectTargetSessionAttrsPrimary(ctx, conn)
		}
		return err
	}
}
