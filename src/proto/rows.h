/* PROTO(name): one protocol, the file name.c with proto_name. */
PROTO(smtp)
PROTO(lmtp)
PROTO(tcp)
