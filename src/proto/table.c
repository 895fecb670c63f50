/* The rows of rows.h as a table. */
#include "model/proto.h"

#define PROTO(name) extern const struct proto proto_##name;
#include "proto/rows.h"
#undef PROTO

const struct proto *const proto_rows[] = {
#define PROTO(name) &proto_##name,
#include "proto/rows.h"
#undef PROTO
	NULL
};

const struct proto *
proto_find(struct span name)
{
	for (size_t i = 0; proto_rows[i] != NULL; i++)
		if (span_is(name, proto_rows[i]->name))
			return proto_rows[i];
	return NULL;
}
