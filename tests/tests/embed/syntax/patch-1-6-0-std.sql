SELECT :var;
