/* All /* the */ studies. */
create table study(id bigint primary key,title text DEFAULT 'a
b'); -- done
