-- to be written
/* later */
