CREATE TABLE visit (study text NOT NULL REFERENCES study, day date NOT NULL);
