/* VERB(name): one step verb, the file name.c with verb_name. */
VERB(connect)
VERB(send)
VERB(write)
VERB(body)
VERB(close)
VERB(abort)
VERB(wait)
VERB(set)
