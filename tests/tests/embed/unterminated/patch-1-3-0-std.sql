SELECT "id FROM study;
