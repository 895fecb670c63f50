/* VERB(name): one step verb, the file name.c with verb_name. The C word of
 * a YAML key that C owns ends in "_act". */
