\connect demo
