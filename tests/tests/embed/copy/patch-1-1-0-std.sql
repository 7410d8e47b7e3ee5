COPY study FROM stdin WITH (FORMAT csv);
1,it's
\.
