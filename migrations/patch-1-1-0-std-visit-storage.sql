-- Visits are corrected often. How a table is stored is nothing that facts speak of.

ALTER TABLE visit SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
