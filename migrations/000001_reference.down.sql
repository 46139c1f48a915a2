DROP TABLE terms;
DROP TABLE state_names;
DROP TABLE states;
