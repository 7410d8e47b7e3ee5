--
-- PostgreSQL database dump
--

\restrict a1B2

CREATE SCHEMA app;

\unrestrict a1B2
