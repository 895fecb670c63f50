/*
 * The keys of a handshake: { verify, ca, cert, key, name, min, max, resume }.
 * Files are read, and what is in them is checked, while loading.
 */
#include "verb/secure.h"

#include "base/limits.h"
#include "model/idna.h"

static const char *const part_keys[] = {
	[TLS_PART_CA] = "ca", [TLS_PART_CERT] = "cert", [TLS_PART_KEY] = "key"
};

static bool
pem_read(struct build *build, const struct node *map, const char *key,
    struct span *out)
{
	const struct node *node = node_get(map, key);
	struct span path;
	bool        late;

	if (node == NULL)
		return true;
	if (!build_text(build, node, &path, &late))
		return false;
	if (late)
		return true;
	if (path.len == 0) {
		build_error(build, node, DIAG_ID_missing_value,
		    "'%s' needs the path of a PEM file", key);
		return false;
	}
	if (build->read_file == NULL)
		return false;
	if (!build->read_file(build, node, path, out)) {
		diag_hint(build->diags, "files lie in the scenario's folder or "
		    "below; of your own, 'quoth run' takes %s",
		    span_is(span_of(key), "ca") ? "--ca" : "--cert and --key");
		return false;
	}
	if (build->pending || (out->len > 0 && out->len <= LIMIT_TLS_FILE))
		return true;
	build_error(build, node, out->len == 0 ? DIAG_ID_read : DIAG_ID_limit,
	    out->len == 0 ? "'%s' is empty" : "'%s' is larger than the limit "
	    "of 1 MiB for certificates", diag_word(build->diags, path));
	return false;
}

static bool
version_read(struct build *build, const struct node *map, const char *key,
    uint8_t *out)
{
	const struct node *node = node_get(map, key);

	return node == NULL || build_tls_version(build, node, out);
}

/* One name of a host, as certificates have them. */
static bool
name_read(struct build *build, const struct node *map, struct tls_ask *out)
{
	const struct node *node = node_get(map, "name");
	struct buf  ascii = buf_new(256);
	struct span text;
	const char *why = NULL;
	bool        late = false, fine;

	if (node == NULL)
		return true;
	if (!build_text(build, node, &text, &late))
		return false;
	fine = late || (idna_ascii(text, &ascii, &why) && ascii.len > 0);
	for (size_t i = 0; i < ascii.len; i++)
		fine = fine && ascii.ptr[i] > ' ' && ascii.ptr[i] < 0x7f;
	if (!fine)
		build_error(build, node, DIAG_ID_bad_value, "'%s' is no host "
		    "name%s%s", diag_word(build->diags, text),
		    why == NULL || ascii.len > 0 || text.len == 0 ? "" :
		    ": it ", why == NULL || ascii.len > 0 || text.len == 0 ?
		    "" : why);
	else if (!late)
		out->name = arena_cstr(build->arena, buf_span(&ascii));
	buf_free(&ascii);
	return fine;
}

/* Do they fit together, is in them what should be? */
static bool
ask_check(struct build *build, const struct node *map,
    const struct tls_ask *ask)
{
	const struct node *node;
	struct fault fault;
	uint8_t      part = TLS_PART_CA;

	if (node_get(map, "key") != NULL && node_get(map, "cert") == NULL) {
		build_error(build, node_get(map, "key"), DIAG_ID_missing_key,
		    "a key needs its certificate: 'cert' is missing");
		return false;
	}
	if (ask->min != TLS_UNSET && ask->max != TLS_UNSET &&
	    ask->min > ask->max) {
		build_error(build, node_get(map, "min"), DIAG_ID_bad_value,
		    "no version is from %s up to %s",
		    tls_version_names[ask->min], tls_version_names[ask->max]);
		return false;
	}
	if (build->tls_check == NULL || build->pending || build->late ||
	    build->tls_check(ask, &part, &fault))
		return true;
	/* Without a key of its own it is in the certificate's file. */
	node = node_get(map, part_keys[part]);
	build_error(build, node == NULL ? node_get(map, "cert") : node,
	    DIAG_ID_read, "%s", fault.text);
	return false;
}

bool
secure_read(struct build *build, const struct node *node, struct tls_ask *out)
{
	static const struct field fields[] = { { "verify", false },
		{ "ca", false }, { "cert", false }, { "key", false },
		{ "name", false }, { "min", false }, { "max", false },
		{ "resume", false }, { NULL, false } };
	const struct node *key;
	bool fine = true;

	*out = (struct tls_ask){ .verify = !build->insecure };
	if (node->kind == NODE_SCALAR && node->absent)
		return true;
	if (!build_keys(build, node, fields, "a TLS handshake"))
		return false;
	if ((key = node_get(node, "verify")) != NULL)
		fine = build_bool(build, key, &out->verify);
	if ((key = node_get(node, "resume")) != NULL)
		fine = build_bool(build, key, &out->resume) && fine;
	for (size_t i = 0; i < sizeof part_keys / sizeof *part_keys; i++)
		fine = pem_read(build, node, part_keys[i], i == TLS_PART_CA ?
		    &out->ca : i == TLS_PART_CERT ? &out->cert : &out->key) &&
		    fine;
	fine = version_read(build, node, "min", &out->min) && fine;
	fine = version_read(build, node, "max", &out->max) && fine;
	fine = name_read(build, node, out) && fine;
	return fine && ask_check(build, node, out);
}
