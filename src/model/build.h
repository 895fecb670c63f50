/*
 * Reading the fields of a tree of nodes: what every verb's and matcher's
 * parse() is given. References to what is known while loading are replaced
 * here; a field that depends on a value of the run makes the step late: it is
 * then read again by the same code when the step is reached, with `vars`.
 *
 * The readers return false after a diagnostic. For a late or pending field
 * they return true with a zero value, so that the other fields are checked all
 * the same.
 */
#ifndef QUOTH_MODEL_BUILD_H
#define QUOTH_MODEL_BUILD_H

#include "model/diag.h"
#include "model/node.h"
#include "model/scope.h"
#include "model/template.h"

struct endpoint;
struct redactor;
struct regex_set;
struct tls_ask;
struct vars;

struct build {
	struct arena       *arena;      /* program; or the late step's own */
	struct diags       *diags;
	const struct scope *scope;
	const struct proto *proto;
	struct vars        *vars;       /* NULL while loading */
	struct regex_set   *regexes;
	const struct endpoint *target;  /* where an empty `connect` goes */
	bool               *wants_target;       /* out: one is needed and not
	                                         * given; or NULL */
	uint8_t             family;     /* --ipv4, --ipv6 */
	uint8_t             proxy;      /* --proxy-protocol: 1, 2; 0: none */
	bool                insecure;   /* --insecure: verify only where it is
	                                 * written */
	/* Are the files of it what they should be? The enum tls_part of the
	 * one that is not. NULL: nobody can tell. */
	bool (*tls_check)(const struct tls_ask *, uint8_t *part,
	    struct fault *);
	uint32_t           *mentions;   /* out: set of 1 << enum slot; or NULL */
	bool               *exchanges;  /* out: a SASL exchange; or NULL */
	bool                late;       /* out: depends on a value of the run */
	bool                pending;    /* out: depends on a parameter that has
	                                 * no value; it will not be run */

	bool                secret;     /* out: a secret is part of it */
	struct redactor    *redactor;   /* gets what is made of secrets; NULL */

	/* A name that the step will set: its slot. Given by load/. */
	bool (*declare)(struct build *, const struct node *at, struct span name,
	    uint32_t *slot);
	/* After "want text": a hint to quote `[A-F]`. Given by load/; NULL. */
	void (*quote)(const struct node *collection, struct diags *);
	/* A file beside the scenario, read whole. Given by load/. */
	bool (*read_file)(struct build *, const struct node *at,
	    struct span path, struct span *bytes);
};

struct field {
	const char *name;
	bool        needed;
};

/* Every key of `map` is one of the rows, every needed row is there. `what`
 * is "a step", for messages. Rows end with name NULL. */
bool build_keys(struct build *build, const struct node *map,
    const struct field *fields, const char *what);

/* A key that is none of the words: did you mean...? */
void build_unknown_key(struct build *build, const struct node *child,
    const char *what, const char *const *words, size_t count);

/* The node itself, or the row's list that a lone `${x}` stands for. */
const struct node *build_resolve(struct build *build, const struct node *node);

/* The text of a scalar with references replaced; `*out` lives as long as the
 * arena. Late: true, `*out` empty, build->late set and `*late` true. */
bool build_text(struct build *build, const struct node *node,
    struct span *out, bool *late);
/* Text whose references are replaced for good, because the act needs it more
 * than once; late when it cannot be yet. */
bool build_bytes(struct build *build, const struct node *node,
    enum template_mode mode, struct span *out, bool *late);
/* A text that must be known while loading (names, files). While it depends on
 * a parameter without a value it is the text as written. */
bool build_word(struct build *build, const struct node *node, const char *what,
    struct span *out);
bool build_bool(struct build *build, const struct node *node, bool *out);
bool build_u32(struct build *build, const struct node *node, uint32_t min,
    uint32_t max, uint32_t *out);
bool build_ms(struct build *build, const struct node *node, uint32_t *out);
/* The same, and not 0. */
bool build_span_ms(struct build *build, const struct node *node,
    uint32_t *out);
bool build_size(struct build *build, const struct node *node, uint64_t max,
    uint64_t *out);

/* Is `word` a capability, "SIZE" or "AUTH PLAIN"? A denial is none: to look for
 * it would always say that the server lacks it. */
bool build_capability(struct build *build, const struct node *node,
    struct span word);

/* "TLSv1.2", as enum tls_version; TLS_UNSET where it is late. */
bool build_tls_version(struct build *build, const struct node *node,
    uint8_t *out);

/* "250ms" "10s" "2m" "1h" "1.5s"; at most 24 days. */
bool duration_parse(struct span text, uint32_t *ms);
/* "512" "10KiB" "1MiB" "1KB". */
bool size_parse(struct span text, uint64_t *octets);

/* A diagnostic at the node. */
void build_error(struct build *build, const struct node *at, enum diag_id id,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
