-- Who exists and who sat: the facts of package votes, kept here so that the
-- database itself can refuse a vote by a state without a seat.

CREATE TABLE states (
    code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[A-Z]{3}$'),
    seat text COLLATE "C" NOT NULL REFERENCES states (code) DEFERRABLE INITIALLY DEFERRED,
    name text NOT NULL CHECK (name <> '')
);
COMMENT ON COLUMN states.code IS 'ISO 3166 alpha-3 of the state that sat, current or withdrawn (SUN, CSK, YUG, DDR, YMD)';
COMMENT ON COLUMN states.seat IS 'the continuing permanent seat: RUS for SUN, else the code itself';

CREATE TABLE state_names (
    code      text COLLATE "C" NOT NULL REFERENCES states (code) ON DELETE CASCADE,
    name      text NOT NULL CHECK (name <> ''),
    from_date date NOT NULL DEFAULT '-infinity',
    to_date   date NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (code, from_date),
    CHECK (from_date <= to_date)
);

CREATE TABLE terms (
    code           text COLLATE "C" NOT NULL REFERENCES states (code),
    permanent      boolean NOT NULL,
    from_date      date NOT NULL CHECK (from_date >= '1946-01-17'),
    to_date        date NOT NULL DEFAULT 'infinity',
    regional_group text NOT NULL DEFAULT '',
    note           text NOT NULL DEFAULT '',
    PRIMARY KEY (code, from_date),
    CHECK (from_date <= to_date)
);
COMMENT ON TABLE terms IS 'continuous stays on the Council, both days inclusive';
